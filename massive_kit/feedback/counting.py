"""Counts of a log: what is kept of millions of turns.

In memory are, by locale, the different interpretations, the different edges between them, and the
different pairs of one that failed and one that came after it, or that its episode ended with (16
bytes for an edge or pair, and a buffer of half as many); nothing of a turn once it is counted.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from massive_kit.feedback.chain import AbsorbingChain, Numbers
from massive_kit.feedback.interpretations import Interpretation, InterpretationNumbers
from massive_kit.feedback.signals import Step

# Pairs that are held before they are added up; half as many as there are, where those are more.
_BUFFER = 1 << 16
# A pair is one number: this times the first, plus the second.
_BASE = 1 << 31
# So many turns before it are paired with a turn, so that long episodes do not have more pairs.
_BACK = 16
_SUCCESS, _FAILURE, _FIRST = 0, 1, 2


@dataclass(frozen=True, slots=True)
class CountedPairs:
    """Different pairs of numbers, sorted, and how often each came.

    Attributes:
        first: Shape (pairs,).
        second: Shape (pairs,).
        counts: Shape (pairs,).
    """

    first: Numbers
    second: Numbers
    counts: Numbers

    def of(self, first: Numbers, second: Numbers) -> Numbers:
        """How often some of them came, all of which are there."""
        places = np.searchsorted(self.first * _BASE + self.second, first * _BASE + second)
        return self.counts[places]


@dataclass(slots=True)
class PairCounter:
    """Counts pairs of numbers; 16 bytes for each different one, and a buffer."""

    _buffer: array[int] = field(default_factory=lambda: array("q"))
    _pairs: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    _counts: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))

    def add(self, first: int, second: int) -> None:
        """Counts a pair."""
        self._buffer.append(first * _BASE + second)
        if len(self._buffer) >= max(_BUFFER, len(self._pairs) // 2):
            self._flush()

    def counted(self) -> CountedPairs:
        """All that was counted so far."""
        self._flush()
        return CountedPairs(self._pairs // _BASE, self._pairs % _BASE, self._counts)

    def _flush(self) -> None:
        if not self._buffer:
            return
        pairs, counts = np.unique(np.frombuffer(self._buffer, np.int64), return_counts=True)
        both = np.concatenate([self._pairs, pairs])
        self._pairs, places = np.unique(both, return_inverse=True)
        sums = np.bincount(places, np.concatenate([self._counts, counts]), len(self._pairs))
        self._counts = sums.astype(np.int64)
        self._buffer = array("q")


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
        ended: Episodes that ended in success, by an interpretation that failed on the way and the
            one that succeeded.
        reached: Episodes by an interpretation that failed on the way and one that came after it,
            however they ended; of both, within 16 turns.
        live: By what the system understood and what was acted on instead, what came of it.
        turns: How many turns were counted.
    """

    numbers: InterpretationNumbers = field(default_factory=InterpretationNumbers)
    ended: PairCounter = field(default_factory=PairCounter)
    reached: PairCounter = field(default_factory=PairCounter)
    live: dict[tuple[Interpretation, Interpretation], LiveRecord] = field(default_factory=dict)
    turns: int = 0
    _edges: PairCounter = field(default_factory=PairCounter)

    def add(self, episode: Sequence[Step]) -> None:
        """Counts an episode.

        Where a rewrite was acted on, the step says how good the rewrite is, not how good its target
        is for those whom the system had understood; so it leaves no edge.
        """
        self.turns += len(episode)
        visited = []
        number = self.numbers.number
        for turn, to in episode:
            if turn.original is not None:
                record = self.live.setdefault((turn.original, turn.hypothesis), LiveRecord())
                if to == "success":
                    record.successes += 1
                else:
                    record.failures += 1
                continue
            state = number(turn.hypothesis)
            visited.append(state)
            if isinstance(to, str):
                self._edges.add(state, _SUCCESS if to == "success" else _FAILURE)
            else:
                self._edges.add(state, _FIRST + number(to))
        if len(visited) > 1:
            last = episode[-1]
            self._add_pairs(visited, succeeded=last.to == "success" and last.turn.original is None)

    def _add_pairs(self, visited: Sequence[int], *, succeeded: bool) -> None:
        before = [
            {*visited[max(0, place - _BACK) : place]} - {later}
            for place, later in enumerate(visited)
        ]
        reached = {
            (state, later)
            for states, later in zip(before, visited, strict=True)
            for state in states
        }
        for state, later in reached:
            self.reached.add(state, later)
        if succeeded:
            for state in before[-1]:
                self.ended.add(state, visited[-1])

    def chain(self) -> AbsorbingChain:
        """What was counted, as a chain whose states are the numbers of the interpretations."""
        edges = self._edges.counted()
        between = edges.second >= _FIRST
        size = len(self.numbers)

        def ended(how: int) -> Numbers:
            there = edges.second == how
            return np.bincount(edges.first[there], edges.counts[there], size).astype(np.int64)

        return AbsorbingChain(
            edges.first[between],
            edges.second[between] - _FIRST,
            edges.counts[between],
            ended(_SUCCESS),
            ended(_FAILURE),
        )


def counted(episodes: Iterable[Sequence[Step]]) -> dict[str, LocaleCounts]:
    """The counts of each locale, sorted by its name."""
    by_locale: dict[str, LocaleCounts] = {}
    for episode in episodes:
        locale = episode[0].turn.locale
        counts = by_locale.get(locale)
        if counts is None:
            counts = by_locale[locale] = LocaleCounts()
        counts.add(episode)
    return dict(sorted(by_locale.items()))
