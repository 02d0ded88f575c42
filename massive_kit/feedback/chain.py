"""An absorbing Markov chain over interpretations (Ponnusamy et al. 2020, arxiv.org/abs/1911.02557).

Each interpretation is a transient state, and an attempt ends in one of two absorbing ones, success
or failure. With Q the probabilities of going from one interpretation to another, and R those of
ending, `(I - Q) B = R` gives how likely each interpretation ends in success or failure, and the
visits `N = (I - Q)^-1` how likely one leads to another: `N[i, j] / N[j, j]`. Neither is inverted:
sparse systems are solved, for the columns that are asked for.

A state that can reach no end (nothing was seen to leave it, or it is in a closed class) is
*stranded*: it has no row in the systems, and what leads to it is lost. Its own probabilities are 0,
and the rows of B that lead to it sum to less than 1 by what is lost; all others sum to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]
# Solutions are improved by what is left over, at most so often; the first is exact in most systems.
_REFINEMENTS = 2
_EXACT = 1e-14


@dataclass(frozen=True)
class AbsorbingChain:
    """A chain, as counts.

    Attributes:
        before: Shape (edges,), the state that each edge leaves.
        after: Shape (edges,), the state that it leads to.
        counts: Shape (edges,), how often it was taken.
        successes: Shape (states,), how often each state ended in success.
        failures: Shape (states,), how often it ended in failure.
    """

    before: Numbers
    after: Numbers
    counts: Numbers
    successes: Numbers
    failures: Numbers

    def __len__(self) -> int:
        """The number of states."""
        return len(self.successes)

    @cached_property
    def totals(self) -> Numbers:
        """Shape (states,), how often each state was left."""
        left = np.bincount(self.before, self.counts, len(self)).astype(np.int64)
        total: Numbers = left + self.successes + self.failures
        return total

    @cached_property
    def success_rates(self) -> Floats:
        """Shape (states,), the share of visits that ended in success right there."""
        return self.successes / np.maximum(self.totals, 1)

    @cached_property
    def stranded(self) -> NDArray[np.bool_]:
        """Shape (states,), the states that can reach no end."""
        reaching = (self.successes + self.failures) > 0
        while True:
            more = self.before[reaching[self.after] & (self.counts > 0)]
            if reaching[more].all():
                return ~reaching
            reaching[more] = True

    @cached_property
    def absorption(self) -> Floats:
        """Shape (states, 2), how likely each state ends in success and in failure."""
        ends = np.stack([self.successes, self.failures], axis=1)
        solved = self._solve((ends / np.maximum(self.totals, 1)[:, None])[self._kept])
        result = np.zeros((len(self), 2))
        result[self._kept] = solved
        return result

    def reaching(self, targets: Sequence[int]) -> Floats:
        """How likely each state leads to others, at whatever step.

        Args:
            targets: The others; stranded ones are never reached.

        Returns:
            Shape (states, targets); 1 where a state is the target itself.
        """
        place = np.full(len(self), -1)
        place[self._kept] = np.arange(len(self._kept))
        units = np.zeros((len(self._kept), len(targets)))
        states = np.asarray(targets, np.int64)
        columns = np.flatnonzero(place[states] >= 0)
        rows = place[states[columns]]
        units[rows, columns] = 1
        visits = self._solve(units)
        result = np.zeros((len(self), len(targets)))
        result[np.ix_(self._kept, columns)] = visits[:, columns] / visits[rows, columns]
        return result

    @cached_property
    def _kept(self) -> Numbers:
        return np.flatnonzero(~self.stranded)

    @cached_property
    def _system(self) -> tuple[Any, Any]:
        """`I - Q` over the states that are not stranded, and its factors."""
        from scipy.sparse import csc_matrix, identity
        from scipy.sparse.linalg import splu

        shares = self.counts / np.maximum(self.totals, 1)[self.before]
        size = len(self)
        steps = csc_matrix((shares, (self.before, self.after)), shape=(size, size))
        kept = steps[self._kept][:, self._kept]
        system = (identity(len(self._kept), format="csc") - kept).tocsc()
        return system, splu(system)

    def _solve(self, right: Floats) -> Floats:
        if not len(self._kept):
            return right
        system, factors = self._system
        solution: Floats = factors.solve(right)
        for _ in range(_REFINEMENTS):
            rest = right - system @ solution
            if np.abs(rest).max(initial=0) <= _EXACT:
                break
            solution += factors.solve(rest)
        return solution
