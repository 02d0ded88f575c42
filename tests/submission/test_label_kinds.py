"""Predictions for tasks whose data have slots alone or intents alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from massive_kit.data.inventory import Inventory
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import read_predictions
from tests.submission.cases import ROWS, Row, line, tiny_index

MASSIVE = Inventory.massive()
SLOTS_ALONE = replace(tiny_index(), inventory=Inventory((), MASSIVE.slots, {}))
INTENTS_ALONE = replace(tiny_index(), inventory=Inventory(MASSIVE.intents, (), {}))


def without(row: Row, *names: str) -> Row:
    return {key: value for key, value in row.items() if key not in names}


def read(path: Path, index: TaskIndex, rows: list[dict[str, Any]]) -> Any:
    path.write_bytes(b"".join(map(line, rows)))
    return read_predictions([path], index, allow_errors=True)


@pytest.mark.parametrize("null", [False, True])
def test_without_intents_none_is_asked_for(tmp_path: Path, null: bool) -> None:
    rows = [without(row, "pred_intent") | ({"pred_intent": None} if null else {}) for row in ROWS]
    result = read(tmp_path / "p.jsonl", SLOTS_ALONE, rows)
    assert result.report.counts == {}
    assert (result.columns.intents == -1).all()
    usual = read(tmp_path / "q.jsonl", tiny_index(), list(ROWS))
    assert (result.columns.labels == usual.columns.labels).all()


def test_an_intent_that_nobody_asked_for_is_not_read(tmp_path: Path) -> None:
    rows = [{**ROWS[0], "pred_intent": 47}, *ROWS[1:]]
    result = read(tmp_path / "p.jsonl", SLOTS_ALONE, rows)
    assert result.report.counts == {"MK903": len(ROWS)}
    assert result.report.valid
    assert "the data have no intents" in str(result.report.problems[0])
    assert (result.columns.intents == -1).all()


def test_without_slots_no_annotated_utterance_is_asked_for(tmp_path: Path) -> None:
    rows = [without(row, "pred_annot_utt", "pred_slots", "utt") for row in ROWS]
    result = read(tmp_path / "p.jsonl", INTENTS_ALONE, rows)
    assert result.report.counts == {}
    assert not result.columns.labels.any()
    assert (result.columns.intents >= 0).all()
    plain = {**rows[0], "pred_annot_utt": "wecke mich um fünf uhr"}
    assert read(tmp_path / "q.jsonl", INTENTS_ALONE, [plain, *rows[1:]]).report.counts == {}
    # A slot is none of the task's labels, as ever.
    assert read(tmp_path / "r.jsonl", INTENTS_ALONE, [ROWS[0], *rows[1:]]).report.counts == {
        "MK302": 1
    }


def test_the_usual_task_asks_for_both(tmp_path: Path) -> None:
    rows = [without(ROWS[0], "pred_intent"), without(ROWS[1], "pred_annot_utt"), *ROWS[2:]]
    assert read(tmp_path / "p.jsonl", tiny_index(), rows).report.counts == {"MK207": 2}
    null = [{**ROWS[0], "pred_intent": None}, *ROWS[1:]]
    assert read(tmp_path / "q.jsonl", tiny_index(), null).report.counts == {"MK208": 1}


def test_no_slot_anywhere_is_odd_without_intents_too(tmp_path: Path) -> None:
    rows = [{"id": str(i), "locale": "de-DE", "pred_annot_utt": "leise"} for i in range(100)]
    many = replace(
        SLOTS_ALONE,
        locales=("de-DE",),
        locale=np.zeros(100, np.int16),
        ids=np.array([row["id"] for row in rows], dtype=object),
        token_counts=np.ones(100, np.int32),
    )
    assert read(tmp_path / "p.jsonl", many, rows).report.counts == {"MK907": 1}
