"""Predictions come out as arrays in the task's order; what looks wrong all over is warned of."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.data.tokens import annotate
from massive_kit.errors import MissingDataError, PredictionError
from massive_kit.schema.task import load_task
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import read_predictions
from tests.submission.cases import ALL, ROWS, changed, good, line, tiny_index


@pytest.fixture(scope="module")
def demo(demo_store: Store) -> TaskData:
    return lay_task(load_task("demo-zeroshot"), demo_store)


def gold_lines(task_data: TaskData, change: Callable[[dict[str, Any]], None]) -> bytes:
    columns = ["id", "locale", "intent", "tokens", "labels"]
    table = task_data.store.read(task_data.test.partition, task_data.test.locales, columns)
    lines = []
    for row in table.to_pylist():
        change(row)
        prediction = {
            "id": row["id"],
            "locale": row["locale"],
            "utt": row["tokens"],
            "pred_intent": row["intent"],
            "pred_annot_utt": annotate(row["tokens"], row["labels"]),
        }
        lines.append(orjson.dumps(prediction) + b"\n")
    return b"".join(lines)


@pytest.mark.parametrize("intent", ["LABEL_47", "47", 47])
def test_an_intent_that_lost_its_name_is_told(tmp_path: Path, intent: object) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(changed(1, pred_intent=intent))
    (problem,) = read_predictions([path], tiny_index(), allow_errors=True).report.problems
    found = f"unknown intent {intent!r}"
    if isinstance(intent, int):
        found = "pred_intent is a number, 47"
    named = "number 47 is 'qa_stock' in the order of the alphabet, 'social_post' in the hub's"
    todo = f"write the name that the model's id2label has for it; {named}"
    assert (problem.line, problem.found, problem.todo) == (2, found, todo)


def test_gold_read_back_is_gold(demo: TaskData, tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(gold_lines(demo, lambda row: None))
    gold = demo.store.label_columns(demo.test.partition, demo.test.locales)
    read = read_predictions([path], TaskIndex.of(demo, with_texts=True))
    assert read.report.counts == {}
    for name in ("locale", "ids", "intents", "labels", "offsets"):
        assert (getattr(read.columns, name) == getattr(gold, name)).all()


def test_one_file_a_locale(demo: TaskData, tmp_path: Path) -> None:
    by_locale: dict[str, bytes] = {}
    for raw in gold_lines(demo, lambda row: None).splitlines(keepends=True):
        locale = orjson.loads(raw)["locale"]
        by_locale[locale] = by_locale.get(locale, b"") + raw
    paths = [tmp_path / f"{locale}.jsonl" for locale in by_locale]
    for path, raw in zip(paths, by_locale.values(), strict=True):
        path.write_bytes(raw)
    index = TaskIndex.of(demo)
    assert read_predictions(paths, index).report.valid
    assert read_predictions([tmp_path], index).report.valid
    short = read_predictions(paths[1:], index, allow_errors=True).report
    assert short.counts == {"MK406": 1}


def test_broken_systems_are_warned_of(demo: TaskData, tmp_path: Path) -> None:
    def flatten(row: dict[str, Any]) -> None:
        row["intent"], row["labels"] = "play_music", ["Other"] * len(row["tokens"])

    path = tmp_path / "p.jsonl"
    path.write_bytes(gold_lines(demo, flatten))
    report = read_predictions([path], TaskIndex.of(demo)).report
    assert report.valid
    assert report.counts == {"MK906": 1, "MK907": 1}


def test_normalised_text_is_warned_of_and_scored(demo: TaskData, tmp_path: Path) -> None:
    def capitalise(row: dict[str, Any]) -> None:
        row["tokens"] = [token.capitalize() for token in row["tokens"]]

    path = tmp_path / "p.jsonl"
    path.write_bytes(gold_lines(demo, capitalise))
    gold = demo.store.label_columns(demo.test.partition, demo.test.locales)
    read = read_predictions([path], TaskIndex.of(demo, with_texts=True))
    assert set(read.report.counts) == {"MK902"}
    assert (read.columns.labels == gold.labels).all()


def test_training_gold_is_warned_of(tmp_path: Path) -> None:
    index = tiny_index(texts=True)
    rows = [{**ROWS[0], "id": str(i)} for i in range(100)]
    import dataclasses

    import numpy as np

    big = dataclasses.replace(
        index,
        locales=("de-DE",),
        locale=np.zeros(100, np.int16),
        ids=np.array([row["id"] for row in rows], dtype=object),
        token_counts=np.full(100, 5, np.int32),
        texts=["wecke mich um fünf uhr"] * 100,
        training=lambda locale: ["wecke mich um [time : fünf uhr]"],
    )
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"".join(map(line, rows)))
    assert read_predictions([path], big).report.counts == {"MK906": 1, "MK908": 1}


def test_errors_are_raised_all_at_once(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(changed(1, pred_intent="nap") + b"{}\n")
    with pytest.raises(PredictionError) as caught:
        read_predictions([path], tiny_index())
    assert caught.value.total == 5
    assert [problem.code for problem in caught.value.problems] == ["MK301", *["MK207"] * 4]


def test_wrong_rows_have_no_labels_but_their_neighbours_do(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(changed(2, pred_intent="nap"))
    read = read_predictions([path], tiny_index(), allow_errors=True)
    assert read.columns.intents[2] == -1
    assert read.columns.row_labels(2) == ["Other"] * 3
    assert read.columns.row_labels(0)[-1] == "time"
    assert read.present.all()


def test_text_as_in_the_data_is_read_by_character(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(changed(3, pred_annot_utt="[date : 明日] の天気"))
    labels = read_predictions([path], tiny_index()).columns.row_labels(3)
    assert labels == ["date", "date", "Other", "Other", "Other"]


def test_slots_may_be_joined_or_spaced(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(changed(3, pred_slots=[["明日", "date"]]))
    assert read_predictions([path], tiny_index()).report.counts == {}


def test_touching_slots_of_one_name_are_one(tmp_path: Path) -> None:
    annotated = "wecke mich um [time : fünf] [time : uhr]"
    for slots in ([["fünf uhr", "time"]], None):
        path = tmp_path / "p.jsonl"
        path.write_bytes(changed(0, pred_annot_utt=annotated, pred_slots=slots))
        assert read_predictions([path], tiny_index()).report.valid


def test_every_mistake_is_counted_though_few_are_told(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    wrong = b"".join(line({**ROWS[1], "id": f"x{i}"}) for i in range(1000))
    path.write_bytes(ALL + wrong)
    report = read_predictions([path], tiny_index(), allow_errors=True, shown=3).report
    assert report.counts == {"MK403": 1000}
    assert [problem.line for problem in report.problems] == [10, 11, 12]


def test_problems_come_by_line(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    lines = good()
    lines[5] = line({**ROWS[5], "pred_intent": "nap"})
    lines[2] = line({**ROWS[2], "id": "77"})
    path.write_bytes(b"".join(lines))
    report = read_predictions([path], tiny_index(), allow_errors=True).report
    assert [(p.line, p.code) for p in report.problems] == [
        (3, "MK403"),
        (6, "MK301"),
        (None, "MK405"),
    ]


def test_a_row_on_a_line_that_cannot_be_read_may_be_mended_there(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"

    def missing(lines: list[bytes]) -> str:
        path.write_bytes(b"".join(lines))
        report = read_predictions([path], tiny_index(), allow_errors=True).report
        return next(str(problem) for problem in report.problems if problem.code == "MK405")

    assert "mend" not in missing(good()[1:])
    todo = f"predict id {ROWS[0]['id']}, or mend the lines that could not be read"
    assert todo in missing([good()[0][:20] + b"\n", *good()[1:]])
    report = read_predictions([path], tiny_index(), allow_errors=True).report
    assert report.expected_rows - report.rows == 1


def test_a_path_that_leads_to_nothing(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="no such file"):
        read_predictions([tmp_path / "p.jsonl"], tiny_index())


def test_ascii_escapes_are_as_good(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in ROWS))
    assert read_predictions([path], tiny_index()).report.counts == {}


@pytest.mark.parametrize("rows", [1, 300, 30_000])
def test_a_json_list_is_told_at_any_size(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"[" + b", ".join([line(ROWS[0]).strip()] * rows) + b"]")
    (problem,) = read_predictions([path], tiny_index(), allow_errors=True).report.problems
    assert str(problem) == (
        f"{path}:1: a list; expected one object per line (write it as JSON lines)"
    )


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_told(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(ALL.decode().encode(codec))
    (problem,) = read_predictions([path], tiny_index(), allow_errors=True).report.problems
    assert str(problem) == f"{path}: this is UTF-16; expected JSON lines (save the file as UTF-8)"
