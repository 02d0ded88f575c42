"""Scores of the dev set while training: the same three metrics as the scorer's, counted without it.

Training stands below scoring in the package, and needs points only: no intervals, no groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.ragged import rows_of
from massive_kit.data.spans import Spans, find_spans, match
from massive_kit.systems.encoder.inference import Predicted


class Labelled(Protocol):
    """Gold labels: what `EncodedSet` and `TextSet` have in common."""

    @property
    def locales(self) -> tuple[str, ...]:
        """The locales, in row order."""

    @property
    def locale(self) -> NDArray[np.int16]:
        """Shape (n,), position in `locales`."""

    @property
    def intents(self) -> NDArray[np.int32]:
        """Shape (n,)."""

    @property
    def labels(self) -> NDArray[np.int16]:
        """Flat, one for each token."""

    @property
    def token_offsets(self) -> NDArray[np.int64]:
        """Shape (n + 1,), where each row's tokens begin."""


@dataclass(frozen=True, slots=True)
class DevScores:
    """Intent accuracy, slot micro F1 and exact match, pooled over rows; 0..1."""

    intent_accuracy: float
    slot_f1: float
    exact_match: float


@dataclass(frozen=True, slots=True)
class DevTable:
    """Scores pooled over all rows, and for each locale."""

    pooled: DevScores
    locales: dict[str, DevScores]


def score_dev(gold: Labelled, predicted: Predicted) -> DevTable:
    """Scores predictions for a labelled set."""
    right = predicted.intents == gold.intents
    same = predicted.labels == gold.labels
    row = rows_of(gold.token_offsets)
    exact = right & (np.bincount(row, weights=~same, minlength=len(gold.intents)) == 0)
    true, found, wanted = _spans(gold, predicted.labels)

    def scores(rows: NDArray[np.bool_]) -> DevScores:
        if not rows.any():
            return DevScores(0.0, 0.0, 0.0)
        total = found[rows].sum() + wanted[rows].sum()
        f1 = 2 * true[rows].sum() / total if total else 0.0
        return DevScores(float(right[rows].mean()), float(f1), float(exact[rows].mean()))

    everything = np.ones(len(gold.intents), np.bool_)
    by_locale = {name: scores(gold.locale == i) for i, name in enumerate(gold.locales)}
    return DevTable(scores(everything), by_locale)


def _spans(
    gold: Labelled, labels: NDArray[np.int16]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """For each row: right, predicted and gold spans, which are maximal runs of one slot."""
    # An unlabelled token, -1, is in no slot.
    gold_spans = find_spans(np.maximum(gold.labels, 0), gold.token_offsets)
    predicted_spans = find_spans(np.maximum(labels, 0), gold.token_offsets)
    right_spans = gold_spans.take(match(gold_spans, predicted_spans).right)

    def per_row(spans: Spans) -> NDArray[np.float64]:
        return np.bincount(spans.row, minlength=len(gold.intents)).astype(np.float64)

    return per_row(right_spans), per_row(predicted_spans), per_row(gold_spans)
