"""Training's own count of the dev set agrees with the scorer's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_columns import LabelColumns
from massive_kit.errors import ConfigError
from massive_kit.schema.metrics import Metric
from massive_kit.scoring.metrics import MAIN
from massive_kit.scoring.statistics import count
from massive_kit.systems.dev_scores import check_metric, score_dev
from massive_kit.systems.predicted_labels import PredictedLabels

INVENTORY = Inventory(("a", "b"), ("x", "y"), {})


@dataclass(frozen=True)
class Gold:
    locales: tuple[str, ...]
    locale: NDArray[np.int16]
    intents: NDArray[np.int32]
    labels: NDArray[np.int16]
    token_offsets: NDArray[np.int64]


label = st.integers(0, 2)
row = st.tuples(
    st.integers(-1, 1), st.integers(0, 1), st.lists(st.tuples(label, label), min_size=1, max_size=6)
)


@given(st.lists(row, min_size=1, max_size=12))
def test_it_agrees_with_the_scorer(rows: list[tuple[int, int, list[tuple[int, int]]]]) -> None:
    offsets = np.concatenate([[0], np.cumsum([len(pairs) for _, _, pairs in rows])])
    gold_labels = np.array([g for _, _, pairs in rows for g, _ in pairs], np.int16)
    labels = np.array([p for _, _, pairs in rows for _, p in pairs], np.int16)
    intents = np.array([g for g, _, _ in rows], np.int32)
    predicted_intents = np.array([p for _, p, _ in rows], np.int32)
    locale = np.zeros(len(rows), np.int16)
    gold = Gold(("en-US",), locale, intents, gold_labels, offsets)
    report = score_dev(gold, PredictedLabels(predicted_intents, labels), INVENTORY)

    ids = np.array([str(i) for i in range(len(rows))])
    columns = [
        LabelColumns(INVENTORY, ("en-US",), locale, ids, values, flat, offsets)
        for values, flat in ((intents, gold_labels), (predicted_intents, labels))
    ]
    counted = count(*columns)
    scores = {m.name: float(m({c: counted.sums(c) for c in m.columns})[0]) for m in MAIN}
    defined = {name: score for name, score in scores.items() if not np.isnan(score)}
    assert report.values == pytest.approx(defined)
    assert report.parts["en-US"] == report.values


def two_rows(intents: list[int], labels: list[int]) -> Gold:
    """Two rows of one token each."""
    return Gold(
        ("en-US",),
        np.zeros(len(intents), np.int16),
        np.array(intents, np.int32),
        np.array(labels, np.int16),
        np.arange(len(intents) + 1),
    )


@pytest.mark.parametrize(
    ("intents", "labels", "metric", "message"),
    [
        ([-1, -1], [1, 0], "intent_accuracy", "no intent; expected slot_f1 or exact_match"),
        ([0, 1], [0, 0], "slot_f1", "no slot; expected intent_accuracy or exact_match"),
        ([], [], "exact_match", "no row; expected a dev set with labelled rows"),
    ],
)
def test_a_metric_that_the_dev_set_cannot_give_is_refused_before_training(
    intents: list[int], labels: list[int], metric: Metric, message: str
) -> None:
    with pytest.raises(ConfigError, match="cannot choose a checkpoint") as error:
        check_metric(two_rows(intents, labels), metric)
    assert message in str(error.value.problems[0])
    for other in ("intent_accuracy", "slot_f1", "exact_match"):
        check_metric(two_rows([0, 1], [0, 1]), other)
