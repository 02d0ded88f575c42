"""Counts of a log: what is kept of millions of turns.

In memory are, by locale, the different interpretations and the different edges between them (16
bytes each, and a buffer of a million), and nothing of a turn once it is counted.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from massive_kit.feedback.chain import AbsorbingChain, Numbers
from massive_kit.feedback.interpretations import Interpretation, InterpretationNumbers
from massive_kit.feedback.signals import Step

# Edges that are held before they are added up.
_BUFFER = 1 << 20
# An edge is one number: this times where it leaves from, plus where it leads to.
_BASE = 1 << 31
_SUCCESS, _FAILURE, _FIRST = 0, 1, 2


@dataclass(slots=True)
class LiveRecord:
    """What came of a rewrite where it was acted on.

    Attributes:
        successes: Turns that ended in success.
        failures: All others.
    """

    successes: int = 0
    failures: int = 0


@dataclass(slots=True)
class LocaleCounts:
    """The counts of one locale.

    Attributes:
        numbers: Its interpretations.
        live: By what the system understood and what was acted on instead, what came of it.
        turns: How many turns were counted.
    """

    numbers: InterpretationNumbers = field(default_factory=InterpretationNumbers)
    live: dict[tuple[Interpretation, Interpretation], LiveRecord] = field(default_factory=dict)
    turns: int = 0
    _buffer: array[int] = field(default_factory=lambda: array("q"))
    _edges: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    _counts: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))

    def add(self, step: Step) -> None:
        """Counts a step.

        Where a rewrite was acted on, the step says how good the rewrite is, not how good its target
        is for those whom the system had understood; so it leaves no edge.
        """
        turn, to = step
        self.turns += 1
        if turn.original is not None:
            record = self.live.setdefault((turn.original, turn.hypothesis), LiveRecord())
            if to == "success":
                record.successes += 1
            else:
                record.failures += 1
            return
        number = self.numbers.number
        before = number(turn.hypothesis)
        if isinstance(to, str):
            after = _SUCCESS if to == "success" else _FAILURE
        else:
            after = _FIRST + number(to)
        self._buffer.append(before * _BASE + after)
        if len(self._buffer) >= _BUFFER:
            self._flush()

    def chain(self) -> AbsorbingChain:
        """What was counted, as a chain whose states are the numbers of the interpretations."""
        self._flush()
        before, after = self._edges // _BASE, self._edges % _BASE
        between = after >= _FIRST
        size = len(self.numbers)

        def ended(how: int) -> Numbers:
            there = after == how
            return np.bincount(before[there], self._counts[there], size).astype(np.int64)

        return AbsorbingChain(
            before[between],
            after[between] - _FIRST,
            self._counts[between],
            ended(_SUCCESS),
            ended(_FAILURE),
        )

    def _flush(self) -> None:
        if not self._buffer:
            return
        edges, counts = np.unique(np.frombuffer(self._buffer, np.int64), return_counts=True)
        both = np.concatenate([self._edges, edges])
        self._edges, places = np.unique(both, return_inverse=True)
        sums = np.bincount(places, np.concatenate([self._counts, counts]), len(self._edges))
        self._counts = sums.astype(np.int64)
        self._buffer = array("q")


def counted(steps: Iterable[Step]) -> dict[str, LocaleCounts]:
    """The counts of each locale, sorted by its name."""
    by_locale: dict[str, LocaleCounts] = {}
    for step in steps:
        locale = step.turn.locale
        counts = by_locale.get(locale)
        if counts is None:
            counts = by_locale[locale] = LocaleCounts()
        counts.add(step)
    return dict(sorted(by_locale.items()))
