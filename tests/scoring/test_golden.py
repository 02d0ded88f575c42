"""The reference scorer's own answers: `eval_preds` of alexa/massive f966f21 with seqeval 1.2.2."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from massive_kit.errors import PredictionError
from massive_kit.files import jsonio
from massive_kit.scoring.label_lists import LabelledRow, inventory_of, label_columns
from massive_kit.scoring.metrics import MAIN
from massive_kit.scoring.reference import pad_or_cut
from massive_kit.scoring.statistics import SufficientStatistics, count

CASES: list[dict[str, Any]] = jsonio.read_json(
    Path(__file__).parents[1] / "golden" / "eval_preds.json"
)["cases"]
UNEVEN = "wrong lengths, padded or cut by the reference"
_NAMES = {
    "intent_acc": "intent_accuracy",
    "slot_micro_f1": "slot_f1",
    "ex_match_acc": "exact_match",
}


def _rows(intents: list[str], slots: list[list[str]]) -> list[LabelledRow]:
    return [
        LabelledRow("en-US", str(i), intent, labels)
        for i, (intent, labels) in enumerate(zip(intents, slots, strict=True))
    ]


def _count(case: dict[str, Any], predicted: list[list[str]]) -> SufficientStatistics:
    gold_rows = _rows(case["gold_intents"], case["gold_slots"])
    own_rows = _rows(case["pred_intents"], predicted)
    inventory = inventory_of(gold_rows, own_rows)
    return count(label_columns(inventory, gold_rows), label_columns(inventory, own_rows))


def _check(case: dict[str, Any], statistics: SufficientStatistics, positions: int) -> None:
    expected = case["expected"]
    rows = len(statistics)
    for metric in MAIN:
        value = float(metric({name: statistics.sums(name) for name in metric.columns})[0])
        old = next(name for name, new in _NAMES.items() if new == metric.name)
        assert value == pytest.approx(expected[old], abs=1e-12)
        # The reference's standard error: for slots over token positions, which is why its interval
        # is too narrow.
        over = positions if old == "slot_micro_f1" else rows
        error = math.sqrt(value * (1 - value) / over)
        assert error == pytest.approx(expected[f"{old}_stderr"], abs=1e-12)


@pytest.mark.parametrize("case", [c for c in CASES if c["name"] != UNEVEN], ids=lambda c: c["name"])
def test_reference_answers_hold(case: dict[str, Any]) -> None:
    statistics = _count(case, case["pred_slots"])
    _check(case, statistics, int(statistics.tokens.sum()))


def test_wrong_lengths_are_an_error_that_names_every_row() -> None:
    case = next(c for c in CASES if c["name"] == UNEVEN)
    uneven = sum(
        len(gold) != len(predicted)
        for gold, predicted in zip(case["gold_slots"], case["pred_slots"], strict=True)
    )
    with pytest.raises(PredictionError) as caught:
        _count(case, case["pred_slots"])
    assert caught.value.total == uneven > 0
    assert "13 token labels" in str(caught.value.problems[0])
    assert "12, one for each token" in str(caught.value.problems[0])


def test_wrong_lengths_give_the_reference_answer_only_after_its_padding() -> None:
    case = next(c for c in CASES if c["name"] == UNEVEN)
    padded = [
        pad_or_cut(predicted, len(gold))
        for gold, predicted in zip(case["gold_slots"], case["pred_slots"], strict=True)
    ]
    statistics = _count(case, padded)
    _check(case, statistics, int(np.sum(statistics.tokens)))
