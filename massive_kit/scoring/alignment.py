"""Gold labels and predictions, aligned token by token."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massive_kit.counted import counted
from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.ragged import rows_of
from massive_kit.data.spans import Matches, Spans, find_spans, match
from massive_kit.errors import PredictionError, Problem

_PROBLEMS_KEPT = 100


@dataclass(frozen=True, slots=True)
class Aligned:
    """Gold and predicted labels of the same utterances over the same tokens.

    Attributes:
        gold: Gold labels.
        predicted: Predicted labels.
        token_rows: Shape (tokens,), the utterance of each token.
        gold_spans: Spans of the gold labels.
        predicted_spans: Spans of the predictions.
        matches: Which gold spans the predictions have.
    """

    gold: LabelColumns
    predicted: LabelColumns
    token_rows: NDArray[np.int32]
    gold_spans: Spans
    predicted_spans: Spans
    matches: Matches


def align(gold: LabelColumns, predicted: LabelColumns) -> Aligned:
    """Aligns predictions with gold labels.

    Raises:
        PredictionError: The rows are not of the same utterances, or differ in their numbers of
        tokens. Nothing is ever padded or cut.
    """
    _check(gold, predicted)
    rows = rows_of(gold.offsets, np.int32)
    gold_spans = find_spans(gold.labels, gold.offsets, gold.inventory, rows)
    predicted_spans = find_spans(predicted.labels, predicted.offsets, gold.inventory, rows)
    matches = match(gold_spans, predicted_spans)
    return Aligned(gold, predicted, rows, gold_spans, predicted_spans, matches)


def _check(gold: LabelColumns, predicted: LabelColumns) -> None:
    if gold.inventory != predicted.inventory:
        problem = Problem("predictions", "another label inventory", "that of the gold labels")
        raise PredictionError("predictions and gold labels do not match", [problem])
    if gold.locales != predicted.locales or len(gold) != len(predicted):
        rows, locales = (
            counted(len(predicted), "utterance"),
            counted(len(predicted.locales), "locale"),
        )
        problem = Problem(
            "predictions",
            f"{rows} in {locales}",
            f"{len(gold):,} in {len(gold.locales)}",
        )
        raise PredictionError("predictions and gold labels do not match", [problem])
    problems = []
    moved = np.flatnonzero(gold.locale != predicted.locale)
    # What was read against these very rows shares their ids, and strings compare slowly.
    if gold.ids is not predicted.ids:
        moved = np.union1d(moved, np.flatnonzero(gold.ids != predicted.ids))
    for row in moved[:_PROBLEMS_KEPT]:
        where = f"row {row + 1}"
        problems.append(Problem(where, f"id {predicted.ids[row]}", f"id {gold.ids[row]}"))
    expected, given = gold.token_counts, predicted.token_counts
    uneven = np.flatnonzero(expected != given)
    for row in uneven[:_PROBLEMS_KEPT]:
        where = f"{gold.locales[gold.locale[row]]} {gold.ids[row]}"
        problems.append(
            Problem(where, f"{given[row]} token labels", f"{expected[row]}, one for each token")
        )
    if problems:
        total = len(moved) + len(uneven)
        raise PredictionError("predictions and gold labels do not match", problems, total)
