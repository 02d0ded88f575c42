"""What kind of mistake each wrong slot is.

Each gold and each predicted span is counted once. Spans that are right pair first; then those with
the same boundaries (type), then overlapping ones of the same slot (boundary), then other
overlapping ones (both); what is left was missed or is spurious.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massive_kit.breakdown.tables import Cell, Table, columns
from massive_kit.data.ragged import ranges, rows_of_lengths
from massive_kit.schema.scores import Estimate
from massive_kit.scoring.alignment import Aligned
from massive_kit.scoring.overlap import overlapping

KINDS = ("right", "type", "boundary", "both", "missed", "spurious")
RIGHT, TYPE, BOUNDARY, BOTH, MISSED, SPURIOUS = range(len(KINDS))


@dataclass(frozen=True, slots=True)
class SlotErrors:
    """The spans of an evaluation, paired; arrays of shape (pairs,).

    Attributes:
        row: Utterance.
        kind: Position in `KINDS`.
        gold: Position among the gold spans, or -1.
        predicted: Position among the predicted spans, or -1.
    """

    row: NDArray[np.int64]
    kind: NDArray[np.int64]
    gold: NDArray[np.int64]
    predicted: NDArray[np.int64]


def slot_errors(aligned: Aligned) -> SlotErrors:
    """Pairs gold and predicted spans."""
    gold, predicted = aligned.gold_spans, aligned.predicted_spans
    first, last = overlapping(gold, predicted)
    widths = last - first
    ours, theirs = rows_of_lengths(widths), ranges(first, widths)
    same_edges = (gold.start[ours] == predicted.start[theirs]) & (
        gold.end[ours] == predicted.end[theirs]
    )
    same_label = gold.label[ours] == predicted.label[theirs]
    kind = np.where(
        same_edges, np.where(same_label, RIGHT, TYPE), np.where(same_label, BOUNDARY, BOTH)
    )
    free_gold, free_predicted = np.ones(len(gold), bool), np.ones(len(predicted), bool)
    pairs: list[NDArray[np.int64]] = []
    for shared in (RIGHT, TYPE, BOUNDARY, BOTH):
        left = np.flatnonzero(kind == shared)
        while True:
            left = left[free_gold[ours[left]] & free_predicted[theirs[left]]]
            if not len(left):
                break
            # The first pair of a gold span that is also the first of its predicted span is kept.
            heads = left[np.unique(ours[left], return_index=True)[1]]
            heads = heads[np.unique(theirs[heads], return_index=True)[1]]
            free_gold[ours[heads]] = False
            free_predicted[theirs[heads]] = False
            pairs.append(heads)
    paired = np.concatenate(pairs) if pairs else np.zeros(0, np.int64)
    missed, spurious = np.flatnonzero(free_gold), np.flatnonzero(free_predicted)
    nothing = np.full(max(len(missed), len(spurious)), -1)
    row = np.concatenate([gold.row[ours[paired]], gold.row[missed], predicted.row[spurious]])
    kinds = np.concatenate(
        [kind[paired], np.full(len(missed), MISSED), np.full(len(spurious), SPURIOUS)]
    )
    in_gold = np.concatenate([ours[paired], missed, nothing[: len(spurious)]])
    in_predicted = np.concatenate([theirs[paired], nothing[: len(missed)], spurious])
    order = np.lexsort((in_predicted, in_gold, row))
    return SlotErrors(row[order], kinds[order], in_gold[order], in_predicted[order])


def error_table(aligned: Aligned, locales: tuple[str, ...]) -> Table:
    """How many spans of each kind a locale has, and the share of gold spans that is right."""
    errors = slot_errors(aligned)
    gold = aligned.gold
    places = gold.locale[errors.row].astype(np.int64)
    flat = places * len(KINDS) + errors.kind
    counts = np.bincount(flat, minlength=len(gold.locales) * len(KINDS)).reshape(-1, len(KINDS))
    chosen = counts[[gold.locales.index(locale) for locale in locales]]
    rows: list[tuple[Cell, ...]] = [
        (name, *by_kind, _recall(by_kind))
        for name, by_kind in zip(
            (*locales, "all"), [*chosen.tolist(), chosen.sum(axis=0).tolist()], strict=True
        )
    ]
    numbers = [*((kind, kind) for kind in KINDS), ("recall", "gold found")]
    kinds = (
        "type: right boundaries, wrong slot; boundary: right slot, wrong boundaries;"
        " both: overlap alone."
    )
    notes = [kinds]
    if gold.inventory.scheme == "brackets":
        notes.append(
            "Two spans that touch, predicted as one: boundary and missed; one span predicted as"
            " two: boundary and spurious."
        )
    return Table(
        "error",
        "Slots by kind of error",
        columns("locale", numbers=numbers),
        tuple(rows),
        tuple(notes),
    )


def _recall(counts: list[int]) -> Estimate | None:
    total = sum(counts) - counts[SPURIOUS]
    return Estimate(value=counts[RIGHT] / total) if total else None
