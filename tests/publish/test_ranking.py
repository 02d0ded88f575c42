"""The order of systems follows the board and the direction of its metric."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from massive_kit.publish.entries import best, estimate_of, merit
from massive_kit.publish.ranking import order_key
from massive_kit.publish.site import load_model
from massive_kit.schema.metrics import METRIC_INFO
from massive_kit.schema.scores import Estimate
from tests.publish.boards import shipped


def test_the_best_score_comes_first_whichever_way_the_metric_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = load_model(shipped())
    entries = [standing.entry for standing in model.sections[0].standings]
    by_score = sorted(entries, key=lambda entry: order_key(entry, model.board))
    assert by_score == entries
    lower = replace(METRIC_INFO["exact_match"], higher_is_better=False)
    monkeypatch.setitem(METRIC_INFO, "exact_match", lower)
    assert sorted(entries, key=lambda entry: order_key(entry, model.board)) == entries[::-1]


def test_no_score_is_the_worst() -> None:
    assert merit(None, "slot_f1") < merit(Estimate(value=0), "slot_f1")
    assert best([None, Estimate(value=0.1), Estimate(value=0.2)], "slot_f1") == Estimate(value=0.2)
    assert best([None], "slot_f1") is None


def test_the_metric_that_ranks_stands_first(board_root: Path) -> None:
    model = load_model(board_root)
    assert model.metrics == ["exact_match", "intent_accuracy", "slot_f1"]
    board = model.board.model_copy(update={"metric": "slot_f1"})
    assert replace(model, board=board).metrics == ["slot_f1", "intent_accuracy", "exact_match"]
    entry = model.versions[0]
    assert entry.headline(board) == estimate_of(entry.average("pooled"), "slot_f1")
