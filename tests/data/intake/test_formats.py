"""A format is one module: a throw-away one is imported like any other."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from massive_kit.data.intake import formats
from massive_kit.data.intake.importing import import_data
from massive_kit.errors import MissingDataError

BARS = """
from massive_kit.data.intake.foreign_rows import ForeignRow

TITLE = "bars"


def recognises(head):
    return bool(head.lines) and all(line.count("|") == 2 for line in head.lines)


def read_rows(files):
    [file] = files
    for number, line in enumerate(file.lines(), 1):
        intent, words, tags = line.split("|")
        yield ForeignRow(number, line, intent=intent, tokens=words.split(), tags=tags.split())
"""


@pytest.fixture
def _bars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "bars.py").write_text(BARS)
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path / "more")])
    monkeypatch.delitem(sys.modules, f"{formats.__name__}.bars", raising=False)


@pytest.mark.usefixtures("_bars")
def test_a_module_is_all_that_a_new_format_takes(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    (folder / "de-DE").mkdir(parents=True)
    (folder / "de-DE" / "test.bars").write_text(
        "alarm_set|weck mich um fünf uhr|O O O B-time I-time\nplay_music|spiel was|O O\n",
        encoding="utf-8",
    )
    store = import_data(folder, tmp_path / "store", name="bars")
    rows = store.read("test", ["de-DE"]).to_pylist()
    assert [row["id"] for row in rows] == ["1", "2"]
    assert [row["utt"] for row in rows] == ["weck mich um fünf uhr", "spiel was"]
    assert rows[0]["labels"] == ["Other", "Other", "Other", "time", "time"]


def test_a_folder_without_data_is_told_with_what_is_read(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match=r"holds no data; formats are arrow, .*, jsonl, "):
        import_data(tmp_path, tmp_path / "store", name="x")
