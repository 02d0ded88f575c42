"""Spans that match in part: the SemEval-2013 scheme as nervaluate counts it.

Predicted spans are visited from left to right; each takes at most one gold span that overlaps
it and that none took before. Precision and recall divide by all predicted and all gold spans, so
that the counts here are all it needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.spans import Matches, Spans


@dataclass(frozen=True, slots=True)
class Overlaps:
    """For each predicted span, how it matches; arrays of shape (number of predicted spans,).

    Attributes:
        typed: It overlaps a gold span of its own label (nervaluate's `ent_type` correct).
        partial: It overlaps a gold span without having its boundaries (nervaluate's `partial`
            partial).
    """

    typed: NDArray[np.bool_]
    partial: NDArray[np.bool_]


def overlapping(spans: Spans, other: Spans) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each of `spans`, the first of `other` that overlaps it, and one past the last."""
    first = np.searchsorted(other.end, spans.start, side="right")
    last = np.searchsorted(other.start, spans.end, side="left")
    return first, np.maximum(first, last)


def overlaps(gold: Spans, predicted: Spans, matches: Matches) -> Overlaps:
    """Matches predicted spans with gold spans also where they only overlap."""
    typed = np.zeros(len(predicted), bool)
    partial = np.zeros(len(predicted), bool)
    typed[matches.partner[matches.right]] = True
    # A span and its partner of the same boundaries overlap nothing else, so only the others
    # compete.
    alone = np.ones(len(predicted), bool)
    alone[matches.partner[matches.boundary]] = False
    rest = np.flatnonzero(alone)
    others = _rest(gold.take(~matches.boundary), predicted.take(rest))
    typed[rest[others.typed]] = True
    partial[rest[others.partial]] = True
    return Overlaps(typed, partial)


def _rest(gold: Spans, predicted: Spans) -> Overlaps:
    first, last = overlapping(predicted, gold)
    pairing = _Pairing(gold, predicted, first, last)
    typed = np.zeros(len(predicted), bool)
    partial = np.zeros(len(predicted), bool)
    touching = np.flatnonzero(last > first)
    row = predicted.row[touching]
    ordinal = np.arange(len(touching)) - np.searchsorted(row, row, side="left")
    free_typed = np.ones(len(gold), bool)
    free_partial = np.ones(len(gold), bool)
    # Spans with the same ordinal stand in different utterances, so one round takes them at once.
    for round_ in range(int(ordinal.max(initial=-1)) + 1):
        mine = touching[ordinal == round_]
        typed[pairing.take_typed(mine, free_typed)] = True
        partial[pairing.take_partial(mine, free_partial)] = True
    return Overlaps(typed, partial)


@dataclass(frozen=True, slots=True)
class _Pairing:
    """One round of predicted spans, each of another utterance, that look for free gold spans."""

    gold: Spans
    predicted: Spans
    first: NDArray[np.int64]
    last: NDArray[np.int64]

    def _steps(
        self, mine: NDArray[np.int64], free: NDArray[np.bool_]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        for step in range(int((self.last[mine] - self.first[mine]).max(initial=0))):
            at = self.first[mine] + step
            here = np.flatnonzero(at < self.last[mine])
            usable = free[at[here]]
            yield here[usable], at[here][usable]

    def take_typed(self, mine: NDArray[np.int64], free: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Those of `mine` that find a span of their slot; the nearest, else any other, is taken."""
        gold, predicted = self.gold, self.predicted
        best = np.full(len(mine), -1)
        distance = np.full(len(mine), np.iinfo(np.int64).max)
        other = np.full(len(mine), -1)
        for here, at in self._steps(mine, free):
            seeking = mine[here]
            same = gold.label[at] == predicted.label[seeking]
            apart = np.abs(gold.start[at] - predicted.start[seeking])
            apart += np.abs(gold.end[at] - predicted.end[seeking])
            nearer = same & (apart < distance[here])
            best[here[nearer]] = at[nearer]
            distance[here[nearer]] = apart[nearer]
            new = ~same & (other[here] < 0)
            other[here[new]] = at[new]
        taken = np.where(best >= 0, best, other)
        free[taken[taken >= 0]] = False
        return mine[best >= 0]

    def take_partial(self, mine: NDArray[np.int64], free: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Those of `mine` that find a span; the first one is taken."""
        taken = np.full(len(mine), -1)
        for here, at in self._steps(mine, free):
            new = taken[here] < 0
            taken[here[new]] = at[new]
        free[taken[taken >= 0]] = False
        return mine[taken >= 0]
