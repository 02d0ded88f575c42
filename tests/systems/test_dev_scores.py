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
from massive_kit.scoring.statistics import count
from massive_kit.systems.dev_scores import score_dev
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
    st.integers(0, 1), st.integers(0, 1), st.lists(st.tuples(label, label), min_size=1, max_size=6)
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
    total = counted.predicted.sum() + counted.gold.sum()
    assert report.values["intent_accuracy"] == pytest.approx(counted.intent_right.mean())
    assert report.values["exact_match"] == pytest.approx(counted.exact.mean())
    assert report.values["slot_f1"] == pytest.approx(2 * counted.tp.sum() / total if total else 0.0)
    assert report.parts["en-US"] == report.values
