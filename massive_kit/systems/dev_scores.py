"""Scores of the dev set while training: the same three metrics as the scorer's, counted without it.

Training stands below scoring in the package, and needs points only: no intervals, no groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

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
    row = np.repeat(np.arange(len(gold.intents)), np.diff(gold.token_offsets))
    exact = right & (np.bincount(row, weights=~same, minlength=len(gold.intents)) == 0)
    true, found, wanted = _spans(gold, predicted.labels, row)

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
    gold: Labelled, labels: NDArray[np.int16], row: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """For each row: right, predicted and gold spans, which are maximal runs of one slot."""
    count = len(gold.intents)
    starts_gold, ends_gold = _runs(gold.labels, row)
    starts_found, ends_found = _runs(labels, row)
    both = starts_gold & starts_found & (gold.labels == labels) & (ends_gold == ends_found)

    def per_row(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.bincount(row[mask], minlength=count).astype(np.float64)

    return (
        per_row(both & (gold.labels > 0)),
        per_row(starts_found & (labels > 0)),
        per_row(starts_gold & (gold.labels > 0)),
    )


def _runs(
    labels: NDArray[np.int16], row: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """For each token: whether a run starts there, and where that run ends."""
    if not len(labels):
        return np.zeros(0, np.bool_), np.zeros(0, np.int64)
    starts = np.ones(len(labels), np.bool_)
    starts[1:] = (labels[1:] != labels[:-1]) | (row[1:] != row[:-1])
    begin = np.flatnonzero(starts)
    lengths = np.diff(np.append(begin, len(labels)))
    return starts, np.repeat(begin + lengths, lengths)
