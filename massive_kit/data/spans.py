"""Slot spans of flat label arrays.

Under `runs` they are maximal runs of one label that is not `Other`, which is what seqeval's default
mode finds in the reference's BIO: neighbours of the same slot are one span, in gold and prediction
alike. Under `brackets` a `B-` begins a span as well, which is what seqeval finds in IOB2; an `I-`
without a span of its slot before it begins one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.ragged import rows_of


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans in text order; all arrays have shape (number of spans,).

    Attributes:
        row: Utterance.
        start: First token, as a position in the flat array.
        end: One past the last token.
        label: Slot integer (position in the inventory + 1), whatever the scheme.
    """

    row: NDArray[np.int32]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    label: NDArray[np.integer[Any]]

    def __len__(self) -> int:
        """The number of spans."""
        return len(self.start)

    def take(self, chosen: NDArray[Any]) -> Spans:
        """The spans that a mask or positions choose."""
        return Spans(self.row[chosen], self.start[chosen], self.end[chosen], self.label[chosen])


def find_spans(
    labels: NDArray[np.integer[Any]],
    offsets: NDArray[np.int64],
    inventory: Inventory,
    rows: NDArray[np.int32] | None = None,
) -> Spans:
    """The spans of all utterances.

    Args:
        labels: Flat label integers of the inventory; 0 is `Other`.
        offsets: Shape (n + 1,); row i has `labels[offsets[i]:offsets[i + 1]]`.
        inventory: What the integers mean, and what a span is.
        rows: `rows_of(offsets, np.int32)`, if it is at hand.
    """
    rows = rows_of(offsets, np.int32) if rows is None else rows
    total = len(labels)
    slots = inventory.slot_numbers(labels)
    edge = np.zeros(total + 1, bool)
    if total:
        np.not_equal(slots[1:], slots[:-1], out=edge[1:total])
    if inventory.scheme == "brackets":
        edge[:total] |= (labels > 0) & (labels <= len(inventory.slots))
    edge[offsets] = True
    inside = slots != 0
    # Where a run of a slot begins, and one past where such a run ends: the same runs in order.
    start = np.flatnonzero(edge[:-1] & inside)
    end = np.flatnonzero(edge[1:] & inside) + 1
    return Spans(rows[start], start, end, slots[start])


def touching(spans: Spans) -> NDArray[np.int64]:
    """The positions of the spans that begin directly after one of the same slot."""
    follows = (spans.row[1:] == spans.row[:-1]) & (spans.start[1:] == spans.end[:-1])
    return np.flatnonzero(follows & (spans.label[1:] == spans.label[:-1])) + 1


def well_formed(
    labels: NDArray[np.int16], offsets: NDArray[np.int64], inventory: Inventory
) -> NDArray[np.int16]:
    """The same spans in labels that IOB2 allows: an `I-` that begins a span becomes a `B-`.

    Args:
        labels: Flat label integers of the inventory, as a model predicts them.
        offsets: Shape (n + 1,); row i has `labels[offsets[i]:offsets[i + 1]]`.
        inventory: What the integers mean; under `runs` the labels stay as they are.
    """
    count = len(inventory.slots)
    if inventory.scheme == "runs" or not len(labels):
        return labels
    slots = inventory.slot_numbers(labels)
    begins = np.ones(len(labels) + 1, bool)
    begins[1:-1] = slots[1:] != slots[:-1]
    begins[offsets] = True
    wrong = begins[:-1] & (labels > count)
    return np.where(wrong, labels - count, labels).astype(labels.dtype)


def _partner(spans: Spans, other: Spans) -> NDArray[np.int64]:
    """The position in `other` of the span with the same start and end as each of `spans`, or -1."""
    if not len(other) or not len(spans):
        return np.full(len(spans), -1)
    # A table over the tokens is quicker than a search among the spans.
    begins = np.full(max(int(spans.start[-1]), int(other.start[-1])) + 1, -1, np.int32)
    begins[other.start] = np.arange(len(other), dtype=np.int32)
    at = begins[spans.start]
    partner: NDArray[np.int64] = np.where(other.end[at] == spans.end, at, -1)
    partner[at < 0] = -1
    return partner


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
        matched: NDArray[np.bool_] = self.partner >= 0
        return matched


def match(gold: Spans, predicted: Spans) -> Matches:
    """Compares spans of the same utterances over the same tokens."""
    partner = _partner(gold, predicted)
    right = partner >= 0
    right[right] = predicted.label[partner[right]] == gold.label[right]
    return Matches(partner, right)
