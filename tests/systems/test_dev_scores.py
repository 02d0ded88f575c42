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
from massive_kit.systems.encoder.inference import Predicted

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
    found = np.array([p for _, p, _ in rows], np.int32)
    locale = np.zeros(len(rows), np.int16)
    gold = Gold(("en-US",), locale, intents, gold_labels, offsets)
    table = score_dev(gold, Predicted(found, labels))

    ids = np.array([str(i) for i in range(len(rows))])
    columns = [
        LabelColumns(INVENTORY, ("en-US",), locale, ids, values, flat, offsets)
        for values, flat in ((intents, gold_labels), (found, labels))
    ]
    counted = count(*columns)
    total = counted.predicted.sum() + counted.gold.sum()
    assert table.pooled.intent_accuracy == pytest.approx(counted.intent_right.mean())
    assert table.pooled.exact_match == pytest.approx(counted.exact.mean())
    assert table.pooled.slot_f1 == pytest.approx(2 * counted.tp.sum() / total if total else 0.0)
    assert table.locales["en-US"] == table.pooled


def test_unlabelled_tokens_are_in_no_slot() -> None:
    offsets = np.array([0, 3])
    locale, intents = np.zeros(1, np.int16), np.zeros(1, np.int32)
    gold = Gold(("en-US",), locale, intents, np.array([-1, -1, 1], np.int16), offsets)
    table = score_dev(gold, Predicted(intents, np.array([0, 0, 1], np.int16)))
    assert table.pooled.slot_f1 == 1
