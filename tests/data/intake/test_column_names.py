"""Columns of tokens and tags have the same other names in every format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from massive_kit.data.intake.column_names import ALIASES, accepted_columns
from massive_kit.data.intake.importing import import_data
from massive_kit.errors import DataError

Row = dict[str, Any]


def write_jsonl(path: Path, rows: list[Row]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def write_list(path: Path, rows: list[Row]) -> None:
    path.write_text(json.dumps(rows, indent=1), "utf-8")


def write_parquet(path: Path, rows: list[Row]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), path)


def write_tsv(path: Path, rows: list[Row]) -> None:
    def cell(value: Any) -> str:
        return " ".join(value) if isinstance(value, list) else str(value)

    lines = ["\t".join(rows[0]), *("\t".join(map(cell, row.values())) for row in rows)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


WRITERS = {"jsonl": write_jsonl, "json": write_list, "parquet": write_parquet, "tsv": write_tsv}


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize(
    ("locale", "partition", "tokens", "tags"),
    [
        ("locale", "partition", "tokens", "tags"),
        ("lang", "split", "words", "ner_tags"),
        ("language", "split", "tokens", "slot_labels"),
        ("locale", "partition", "utt", "labels"),
    ],
)
def test_tokens_with_tags(
    tmp_path: Path, ending: str, locale: str, partition: str, tokens: str, tags: str
) -> None:
    rows: list[Row] = [
        {
            "id": str(number),
            locale: "de-DE",
            partition: "train",
            tokens: ["morgen", "frueh", "zahlen"],
            tags: ["B-date", "I-date", "O"],
            "intent": "pay",
        }
        for number in (7, 8)
    ]
    source = tmp_path / f"rows.{ending}"
    WRITERS[ending](source, rows)
    store = import_data(source, tmp_path / "store", name="x")
    table = store.read("train", ["de-DE"])
    assert table.column("id").to_pylist() == ["7", "8"]
    assert table.column("annot_utt").to_pylist() == ["[date : morgen frueh] zahlen"] * 2


@pytest.mark.parametrize("ending", ["jsonl", "json", "parquet"])
def test_annotated_utterances_with_other_names(tmp_path: Path, ending: str) -> None:
    row = {"uid": 7, "lang": "de-DE", "split": "test", "annot_utt": "[date : heute]", "intent": "x"}
    source = tmp_path / f"rows.{ending}"
    WRITERS[ending](source, [row])
    table = import_data(source, tmp_path / "store", name="x").read("test", ["de-DE"])
    assert table.column("id").to_pylist() == ["7"]


def test_a_refusal_names_what_is_accepted(tmp_path: Path) -> None:
    source = tmp_path / "rows.jsonl"
    write_jsonl(source, [{"body": "heute", "intent": "x"}])
    with pytest.raises(DataError) as refused:
        import_data(source, tmp_path / "store", name="x")
    (problem,) = refused.value.problems
    assert problem.found.endswith(f"the columns are body, intent; expected {accepted_columns()}")
    assert all(name in problem.found for kind in ("locale", "tags") for name in ALIASES[kind])
