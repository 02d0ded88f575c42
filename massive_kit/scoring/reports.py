"""Precision, recall and F1 of each intent and each slot, and the mean over slots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.schema.scores import LabelReport
from massive_kit.scoring.alignment import Aligned


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """Counts of each label in each locale; arrays of shape (locales, labels).

    Attributes:
        names: The labels.
        tp: Right predictions.
        predicted: Predictions.
        support: Gold labels.
    """

    names: tuple[str, ...]
    tp: NDArray[np.int64]
    predicted: NDArray[np.int64]
    support: NDArray[np.int64]

    def macro_f1(self, locales: NDArray[np.int64]) -> float:
        """Mean F1 over labels that occur in gold or predictions, as seqeval's macro average.

        NaN where none occurs.
        """
        tp, predicted, support = (
            part[locales].sum(axis=0) for part in (self.tp, self.predicted, self.support)
        )
        occurs = (predicted + support) > 0
        if not occurs.any():
            return np.nan
        return float(np.mean(2 * tp[occurs] / (predicted + support)[occurs]))

    def report(self, locales: NDArray[np.int64]) -> dict[str, LabelReport]:
        """Each label that occurs, over some locales together."""
        tp, predicted, support = (
            part[locales].sum(axis=0).tolist() for part in (self.tp, self.predicted, self.support)
        )
        return {
            name: LabelReport(
                precision=right / guesses if guesses else 0.0,
                recall=right / true if true else 0.0,
                f1=2 * right / (guesses + true),
                support=true,
                predicted=guesses,
            )
            for name, right, guesses, true in zip(self.names, tp, predicted, support, strict=True)
            if guesses + true
        }


def intent_counts(aligned: Aligned) -> LabelCounts:
    """Counts of intents; an utterance is one prediction."""
    gold, predicted = aligned.gold, aligned.predicted
    names = gold.inventory.intents
    shape = (len(gold.locales), len(names))

    def table(intents: NDArray[np.int32], chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        return _table(gold.locale[chosen], intents[chosen], shape)

    right = gold.intents == predicted.intents
    return LabelCounts(
        names,
        table(gold.intents, right & (gold.intents >= 0)),
        table(predicted.intents, predicted.intents >= 0),
        table(gold.intents, gold.intents >= 0),
    )


def slot_counts(aligned: Aligned) -> LabelCounts:
    """Counts of slots; a span is one prediction."""
    locale = aligned.gold.locale
    names = aligned.gold.inventory.slots
    shape = (len(aligned.gold.locales), len(names))
    gold, predicted = aligned.gold_spans, aligned.predicted_spans
    right = gold.take(aligned.matches.right)
    return LabelCounts(
        names,
        _table(locale[right.row], right.label - 1, shape),
        _table(locale[predicted.row], predicted.label - 1, shape),
        _table(locale[gold.row], gold.label - 1, shape),
    )


def _table(rows: NDArray[Any], columns: NDArray[Any], shape: tuple[int, int]) -> NDArray[np.int64]:
    flat = rows.astype(np.int64) * shape[1] + columns
    return np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)
