"""Slot spans of flat label arrays: maximal runs of one label that is not `Other`.

This is what seqeval's default mode finds in the reference's BIO, where a label that differs from
the one before begins a span: neighbours of the same slot are one span, in gold and prediction
alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans in text order; all arrays have shape (number of spans,).

    Attributes:
        row: Utterance.
        start: First token, as a position in the flat array.
        end: One past the last token.
        label: Label integer, never 0.
    """

    row: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    label: NDArray[np.int16]

    def __len__(self) -> int:
        """The number of spans."""
        return len(self.start)

    def take(self, chosen: NDArray[Any]) -> Spans:
        """The spans that a mask or positions choose."""
        return Spans(self.row[chosen], self.start[chosen], self.end[chosen], self.label[chosen])


def token_rows(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Shape (tokens,), the utterance of each token."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def find_spans(
    labels: NDArray[np.int16],
    offsets: NDArray[np.int64],
    rows: NDArray[np.int64] | None = None,
) -> Spans:
    """The spans of all utterances.

    Args:
        labels: Flat label integers; 0 is `Other`.
        offsets: Shape (n + 1,); row i has `labels[offsets[i]:offsets[i + 1]]`.
        rows: `token_rows(offsets)`, if it is at hand.
    """
    rows = token_rows(offsets) if rows is None else rows
    total = len(labels)
    edge = np.zeros(total + 1, bool)
    if total:
        np.not_equal(labels[1:], labels[:-1], out=edge[1:total])
    edge[offsets] = True
    edges = np.flatnonzero(edge)
    run_labels = labels[edges[:-1]]
    inside = np.flatnonzero(run_labels)
    start = edges[inside]
    return Spans(rows[start], start, edges[inside + 1], run_labels[inside])


def _partner(spans: Spans, other: Spans) -> NDArray[np.int64]:
    """The position in `other` of the span with the same start and end as each of `spans`, or -1."""
    if not len(other):
        return np.full(len(spans), -1)
    at = np.minimum(np.searchsorted(other.start, spans.start), len(other) - 1)
    same = (other.start[at] == spans.start) & (other.end[at] == spans.end)
    return np.where(same, at, -1)


@dataclass(frozen=True, slots=True)
class Matches:
    """Which gold spans a prediction has.

    Attributes:
        partner: Shape (gold spans,), the predicted span with the same start and end, or -1.
        right: Shape (gold spans,), whether it has the same label, too.
    """

    partner: NDArray[np.int64]
    right: NDArray[np.bool_]

    @property
    def boundary(self) -> NDArray[np.bool_]:
        """Shape (gold spans,), whether some predicted span has the same start and end."""
        found: NDArray[np.bool_] = self.partner >= 0
        return found


def match(gold: Spans, predicted: Spans) -> Matches:
    """Compares spans of the same utterances over the same tokens."""
    partner = _partner(gold, predicted)
    right = partner >= 0
    right[right] = predicted.label[partner[right]] == gold.label[right]
    return Matches(partner, right)
