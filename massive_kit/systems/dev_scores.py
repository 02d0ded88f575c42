"""Scores of the dev set while training: the same three metrics as the scorer's, counted without it.

Training stands below scoring in the package, and needs points only: no intervals, no groups.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.ragged import rows_of
from massive_kit.data.spans import Spans, find_spans, match
from massive_kit.engine.evaluation import DevReport
from massive_kit.errors import ConfigError, Problem
from massive_kit.schema.metrics import MAIN_METRICS, Metric
from massive_kit.systems.predicted_labels import PredictedLabels


class Labelled(Protocol):
    """Gold labels: what `EncoderDataset` and `Seq2SeqDataset` have in common."""

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


def score_dev(gold: Labelled, predicted: PredictedLabels, inventory: Inventory) -> DevReport:
    """Intent accuracy, slot micro F1 and exact match in 0..1, over all rows and per locale.

    As the scorer says, what is not defined is left out: accuracy without gold intents, F1 where
    neither side has a slot. Rows without a gold intent match by their slots alone.
    """
    with_intent = gold.intents >= 0
    right = predicted.intents == gold.intents
    row = rows_of(gold.token_offsets)
    unlabelled = np.bincount(row, weights=gold.labels < 0, minlength=len(gold.intents)) > 0
    right_spans, predicted_spans, gold_spans = _spans(gold, predicted.labels, inventory)
    exact = (right | ~with_intent) & ~unlabelled
    exact &= (right_spans == gold_spans) & (right_spans == predicted_spans)

    def scores(rows: NDArray[np.bool_]) -> dict[str, float]:
        ratios = (
            (right[rows & with_intent].sum(), (rows & with_intent).sum()),
            (2 * right_spans[rows].sum(), predicted_spans[rows].sum() + gold_spans[rows].sum()),
            (exact[rows].sum(), rows.sum()),
        )
        named = zip(MAIN_METRICS, ratios, strict=True)
        return {name: float(above / below) for name, (above, below) in named if below}

    everything = np.ones(len(gold.intents), np.bool_)
    by_locale = {name: scores(gold.locale == i) for i, name in enumerate(gold.locales)}
    return DevReport(scores(everything), by_locale)


def check_metric(gold: Labelled, metric: Metric) -> None:
    """Finds out before training whether a metric can choose a checkpoint on a dev set.

    Raises:
        ConfigError: The dev set has nothing that it counts.
    """
    defined = {
        "intent_accuracy": bool((gold.intents >= 0).any()),
        "slot_f1": bool((gold.labels > 0).any()),
        "exact_match": bool(len(gold.intents)),
    }
    if not defined[metric]:
        reason = {"intent_accuracy": "intent", "slot_f1": "slot", "exact_match": "row"}[metric]
        others = [name for name in MAIN_METRICS if defined[name]]
        problem = Problem(
            "recipe",
            f"training.metric: {metric}, but the dev set has no {reason}",
            " or ".join(others) or "a dev set with labelled rows",
            f"-o training.metric={others[-1]}" if others else None,
        )
        raise ConfigError("the dev set cannot choose a checkpoint", [problem])


def _spans(
    gold: Labelled, labels: NDArray[np.int16], inventory: Inventory
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """For each row: right, predicted and gold spans."""
    # An unlabelled token, -1, is in no slot.
    gold_spans = find_spans(np.maximum(gold.labels, 0), gold.token_offsets, inventory)
    predicted_spans = find_spans(np.maximum(labels, 0), gold.token_offsets, inventory)
    right_spans = gold_spans.take(match(gold_spans, predicted_spans).right)

    def per_row(spans: Spans) -> NDArray[np.float64]:
        return np.bincount(spans.row, minlength=len(gold.intents)).astype(np.float64)

    return per_row(right_spans), per_row(predicted_spans), per_row(gold_spans)
