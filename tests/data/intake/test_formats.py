"""A format is one module: a throw-away one is imported like any other."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from massive_kit.data.intake import formats
from massive_kit.data.intake.formats import format_of, suffixes
from massive_kit.data.intake.importing import import_data
from massive_kit.errors import MissingDataError

BARS = """
import numpy as np
import pyarrow as pa

from massive_kit.data.intake.raw_rows import RAW_SCHEMA, RawBlock

TITLE = "bars"
SUFFIXES = (".bars",)


def read(stream, maps):
    lines = stream.read().decode().splitlines()
    rows = []
    for line in lines:
        number, intent, text, annotated = line.split("|")
        rows.append({"id": number, "locale": "de-DE", "partition": "test", "intent": intent,
                     "utt": text, "annot_utt": annotated})
    table = pa.Table.from_pylist(rows, schema=RAW_SCHEMA)
    yield RawBlock(table, np.arange(1, len(rows) + 1), lambda row: lines[row])
"""


@pytest.fixture
def _bars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "bars.py").write_text(BARS)
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path / "more")])
    monkeypatch.delitem(sys.modules, f"{formats.__name__}.bars", raising=False)


def test_formats_are_known_by_the_ends_of_names() -> None:
    assert suffixes() == (".jsonl", ".jsonl.gz", ".parquet")
    assert format_of("en-US.jsonl.gz") == "jsonl"
    assert format_of("x.parquet") == "parquet"
    # A shadow that macOS leaves, and what no format reads.
    assert format_of("._en-US.jsonl") is None
    assert format_of("x.parquet.gz") is None


@pytest.mark.usefixtures("_bars")
def test_a_module_is_all_that_a_new_format_takes(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "test.bars").write_text(
        "1|alarm_set|weck mich um fünf uhr|weck mich um [time : fünf uhr]\n"
        "2|play_music|spiel was|spiel was\n",
        encoding="utf-8",
    )
    store = import_data(folder, tmp_path / "store", name="bars")
    rows = store.read("test", ["de-DE"]).to_pylist()
    assert [row["utt"] for row in rows] == ["weck mich um fünf uhr", "spiel was"]
    assert rows[0]["labels"] == ["Other", "Other", "Other", "time", "time"]


def test_a_folder_without_data_is_told_with_what_is_read(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"no \.jsonl, \.jsonl\.gz or \.parquet file"):
        import_data(tmp_path, tmp_path / "store", name="x")
