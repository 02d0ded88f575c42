"""Which label is taken for which: intents, scenarios, and slots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massive_kit.breakdown.slot_errors import slot_errors
from massive_kit.breakdown.tables import Cell, Table, columns
from massive_kit.schema.scores import Estimate
from massive_kit.scoring.alignment import Aligned

WHAT = ("intent", "scenario", "slot")
NO_SLOT = "(no slot)"


@dataclass(frozen=True, slots=True)
class Confusion:
    """A confusion matrix.

    Attributes:
        what: `intent`, `scenario` or `slot`.
        names: The labels; for slots the last one stands for none.
        counts: Shape (labels, labels), gold by predicted.
    """

    what: str
    names: tuple[str, ...]
    counts: NDArray[np.int64]


def confusion(what: str, aligned: Aligned, rows: NDArray[np.int64]) -> Confusion:
    """The confusion matrix over some utterances.

    Raises:
        KeyError: `what` is none of `WHAT`.
    """
    gold, predicted = aligned.gold, aligned.predicted
    if what == "intent":
        return _matrix(what, gold.inventory.intents, gold.intents[rows], predicted.intents[rows])
    if what == "scenario":
        names = gold.inventory.scenario_names
        return _matrix(what, names, gold.scenarios[rows], predicted.scenarios[rows])
    if what == "slot":
        errors = slot_errors(aligned)
        inside = np.zeros(len(gold), bool)
        inside[rows] = True
        kept = inside[errors.row]
        names = (*gold.inventory.slots, NO_SLOT)
        last = len(names) - 1
        # Position -1 of the spans (nothing there) picks the label that is appended.
        true = np.append(aligned.gold_spans.label - 1, last)[errors.gold[kept]]
        guessed = np.append(aligned.predicted_spans.label - 1, last)[errors.predicted[kept]]
        return _matrix(what, names, true, guessed)
    raise KeyError(what)


def _matrix(
    what: str, names: tuple[str, ...], gold: NDArray[np.integer], predicted: NDArray[np.integer]
) -> Confusion:
    known = (gold >= 0) & (predicted >= 0)
    flat = gold[known].astype(np.int64) * len(names) + predicted[known]
    counts = np.bincount(flat, minlength=len(names) ** 2)
    return Confusion(what, names, counts.reshape(len(names), len(names)))


def confusion_table(matrix: Confusion, top: int | None = None) -> Table:
    """The confusions, most frequent first; with `top` only so many."""
    counts = matrix.counts.copy()
    np.fill_diagonal(counts, 0)
    totals = matrix.counts.sum(axis=1)
    true, guessed = np.nonzero(counts)
    order = np.lexsort((guessed, true, -counts[true, guessed]))[:top]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            matrix.names[i],
            matrix.names[j],
            int(counts[i, j]),
            # Without a gold slot there is nothing to take a share of.
            None if matrix.names[i] == NO_SLOT else Estimate(value=counts[i, j] / totals[i]),
        )
        for i, j in zip(true[order].tolist(), guessed[order].tolist(), strict=True)
    )
    notes = []
    if top and len(true) > top:
        notes.append(f"The {top} most frequent of {len(true):,}; --format csv gives all.")
    return Table(
        f"confusion_{matrix.what}",
        f"Confusions of {matrix.what}s",
        columns("gold", "predicted", numbers=[("count", "count"), ("share", "% of gold")]),
        rows,
        tuple(notes),
    )
