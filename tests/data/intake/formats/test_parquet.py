"""Parquet close to MASSIVE: other names, integers, categories, tokens with tags, damage."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from massive_kit.data.intake.column_names import accepted_columns
from massive_kit.data.intake.importing import Imported, import_source
from massive_kit.errors import DataError

COLUMNS: dict[str, Any] = {
    "id": pa.array([7, 8]),
    "locale": ["de-DE", "de-DE"],
    "partition": ["Test", "Test"],
    "utt": ["a b", "c"],
    "annot_utt": ["a [x : b]", "c"],
}


def imported(path: Path, columns: dict[str, Any], *, skip_bad: bool = False) -> Imported:
    pq.write_table(pa.table(columns), path)
    return import_source(path, path.parent / "store", name="x", skip_bad=skip_bad)


def rows(result: Imported) -> list[dict[str, Any]]:
    return list(result.store.read("test", ["de-DE"]).to_pylist())


@pytest.mark.parametrize(
    "columns",
    [
        {"intent_str": ["say", "ask"], "intent_idx": [1, 0], "domain": ["talk", "talk"]},
        {"intent": pa.array(["say", "ask"]).dictionary_encode(), "scenario_str": ["talk"] * 2},
        # Which column has it may differ by row.
        {"intent": ["say", None], "intent_str": [None, "ask"], "domain": ["talk", "talk"]},
    ],
)
def test_intents_under_other_names(tmp_path: Path, columns: dict[str, Any]) -> None:
    stored = rows(imported(tmp_path / "x.parquet", {**COLUMNS, **columns}))
    assert [row["id"] for row in stored] == ["7", "8"]
    assert [(row["intent"], row["scenario"]) for row in stored] == [
        ("say", "talk"),
        ("ask", "talk"),
    ]


def test_rows_without_a_class(tmp_path: Path) -> None:
    columns = {**COLUMNS, "annot_utt": pa.nulls(2, pa.string()), "intent": [-1, -1]}
    assert [row["intent"] for row in rows(imported(tmp_path / "x.parquet", columns))] == [None] * 2


def test_tokens_with_tags(tmp_path: Path) -> None:
    columns = {key: COLUMNS[key] for key in ("id", "locale")} | {
        "intent": ["say", "ask"],
        "tokens": [["a", "b"], ["c"]],
        "slots_str": [["O", "B-x"], ["O"]],
    }
    (tmp_path / "test").mkdir()
    result = imported(tmp_path / "test" / "x.parquet", {**columns, "split": ["test", "test"]})
    assert [row["annot_utt"] for row in rows(result)] == ["a [x : b]", "c"]
    with pytest.raises(DataError, match="no partition: neither the row nor the path"):
        imported(tmp_path / "x.parquet", columns)


def test_a_row_that_cannot_be_read_is_kept_as_it_was(tmp_path: Path) -> None:
    broken = pa.Array.from_buffers(
        pa.string(), 2, pa.array([b"say", b"a\xffk"], pa.binary()).buffers()
    )
    columns = {**COLUMNS, "intent": broken, "note": ["other", "columns"]}
    result = imported(tmp_path / "x.parquet", columns, skip_bad=True)
    assert result.rejects is not None
    (line,) = result.rejects.read_text().splitlines()
    rejected = json.loads(line)
    assert (rejected["line"], rejected["reason"]) == (2, "text that is not UTF-8")
    row = json.loads(rejected["row"])
    assert (row["id"], row["intent"], row["note"]) == (8, "a\ufffdk", "columns")


def test_a_second_row_of_an_id_is_kept_too(tmp_path: Path) -> None:
    columns = {**COLUMNS, "id": ["7", "7"], "intent": ["say", "ask"]}
    result = imported(tmp_path / "x.parquet", columns, skip_bad=True)
    assert result.rejects is not None
    rejected = json.loads(result.rejects.read_text())
    assert json.loads(rejected["row"])["annot_utt"] == "c"


def test_a_compressed_file(tmp_path: Path) -> None:
    imported(tmp_path / "x.parquet", {**COLUMNS, "intent": ["say", "ask"]})
    path = tmp_path / "y.parquet.gz"
    path.write_bytes(gzip.compress((tmp_path / "x.parquet").read_bytes()))
    assert import_source(path, tmp_path / "store", name="x").store.total_rows == 2


def test_other_columns_get_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        imported(tmp_path / "x.parquet", {"text": ["a"] * 1000, "label": [0] * 1000})
    [problem] = caught.value.problems
    assert problem.found == f"the columns are text, label; expected {accepted_columns()}"


@pytest.mark.parametrize("name", ["utt", "annot_utt", "intent"])
def test_a_column_that_is_there_twice(tmp_path: Path, name: str) -> None:
    table = pa.table({**COLUMNS, "intent": ["say", "ask"]})
    pq.write_table(table.append_column(name, table.column("utt")), tmp_path / "x.parquet")
    with pytest.raises(DataError, match=f"several columns are called {name}"):
        import_source(tmp_path / "x.parquet", tmp_path / "store", name="x")


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("id", [1.0, 1e17], "id is 1.0, not text"),
        ("id", [True, False], "id is True, not text"),
        ("intent", [True, False], "intent is True, not text"),
        ("intent", [2.0, 3.0], "intent is 2.0, not text"),
    ],
)
def test_numbers_that_are_no_names(
    tmp_path: Path, column: str, values: list[Any], reason: str
) -> None:
    columns = {**COLUMNS, "intent": ["say", "ask"], column: values}
    with pytest.raises(DataError, match=reason) as caught:
        imported(tmp_path / "x.parquet", columns)
    assert [problem.line for problem in caught.value.problems] == [1, 2]
