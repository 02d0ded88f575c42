"""Systems against each other, from the replicates that `stats.npz` stores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massive_kit.errors import UsageError
from massive_kit.schema.metrics import MAIN_METRICS, METRIC_INFO
from massive_kit.schema.scores import Difference, Estimate
from massive_kit.scoring.bootstrap import percentile
from massive_kit.scoring.replicates import OF_SLOT_METHODS, Replicates, load_replicates
from massive_kit.scoring.significance import LEVEL, holm

__all__ = [
    "LEVEL",
    "OF_SLOT_METHODS",
    "PairedDifference",
    "Replicates",
    "Tally",
    "load_replicates",
    "paired_differences",
    "plain_difference",
]


# Below what single precision resolves.
NO_ERROR = 1e-9


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Second minus first system in one metric.

    Attributes:
        key: What is scored, as in `Replicates.keys`.
        metric: The metric.
        difference: Second minus first.
        low: Lower end of the 95 % interval (percentiles of the paired differences).
        high: Upper end.
        p: Two-sided p-value from the standard error of the paired differences.
        p_holm: The same after Holm over all locales; for averages as `p`.
    """

    key: str
    metric: str
    difference: float
    low: float
    high: float
    p: float
    p_holm: float

    @property
    def significant(self) -> bool:
        """Whether the systems differ at the 5 % level after correction."""
        return self.p_holm < LEVEL


def paired_differences(
    first: Replicates, second: Replicates, keys: Sequence[str] | None = None
) -> list[PairedDifference]:
    """The differences of two systems for each key and main metric that both have a score of.

    Where too few resamples have both scores there is no difference either, nor where the scores
    differ by the same in all resamples, which leaves nothing to test with. The p-value is that of
    a normal distribution with the paired differences' standard error: with 1,000 stored resamples,
    counting would end at 0.001, which no correction over 51 locales survives.

    Args:
        first: One system.
        second: The other.
        keys: What to compare; by default all that both have.

    Raises:
        UsageError: The replicates were not drawn alike.
        KeyError: A key is not stored.
    """
    same_draw([first, second])
    chosen = [key for key in first.keys if key in second.keys] if keys is None else list(keys)
    differences = []
    local = np.array([key.startswith("locale:") for key in chosen], bool)
    here = np.array([first.position(key) for key in chosen], np.int64)
    there = np.array([second.position(key) for key in chosen], np.int64)
    for m, metric in enumerate(MAIN_METRICS):
        gaps = second.point[there, m] - first.point[here, m]
        draws = second.values[:, there, m].astype(np.float64) - first.values[:, here, m]
        bounds = percentile(draws)
        p = np.array([_normal_p(gap, draw) for gap, draw in zip(gaps, draws.T, strict=True)])
        p[np.isnan(bounds.low)] = np.nan
        adjusted = p.copy()
        adjusted[local] = holm(p[local])
        differences += [
            PairedDifference(key, metric, *map(float, numbers))
            for key, *numbers in zip(
                chosen, gaps, bounds.low, bounds.high, p, adjusted, strict=True
            )
            if not np.isnan(numbers).any()
        ]
    return differences


def plain_difference(first: Estimate | None, second: Estimate | None) -> Difference | None:
    """Second minus first, where no test can be made; `None` where one of the two has no score."""
    if first is None or second is None:
        return None
    return Difference(value=round(second.value - first.value, 9))


@dataclass(frozen=True, slots=True)
class Tally:
    """On how many keys either of two systems is better.

    Attributes:
        first: The first is significantly better.
        second: The second is.
        neither: No difference is shown.
    """

    first: int
    second: int
    neither: int

    @classmethod
    def of(cls, tests: Sequence[PairedDifference]) -> Tally:
        """The tally of some paired differences."""
        gains = [METRIC_INFO[t.metric].gain(t.difference) for t in tests if t.significant]
        first, second = sum(gain < 0 for gain in gains), sum(gain > 0 for gain in gains)
        return cls(first, second, len(tests) - first - second)


def _normal_p(gap: float, draws: NDArray[np.float64]) -> float:
    draws = draws[~np.isnan(draws)]
    return _p_of(gap, float(draws.std(ddof=1)) if len(draws) > 1 else 0.0)


def _p_of(gap: float, error: float) -> float:
    if error < NO_ERROR:
        # A difference that does not vary at all has no standard error to be measured by.
        return 1.0 if abs(gap) < NO_ERROR else math.nan
    return math.erfc(abs(gap) / error / math.sqrt(2))


def same_draw(systems: Sequence[Replicates]) -> None:
    """Refuses systems that cannot be tested against each other.

    Raises:
        UsageError: They were not drawn alike.
    """
    for other in systems[1:]:
        if not systems[0].comparable(other):
            raise UsageError(
                "these systems were not resampled alike (other utterances, resamples or seed): "
                f"{systems[0].weights!r} and {other.weights!r}"
            )
