"""What is printed is what was said: names and texts of users are neither emoji nor styles."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.breakdown.tables import Column, Table
from massive_kit.cli.tables import TableFormat, print_tables
from tests.command_line import in_this_process


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))


def test_line_100_of_a_file_is_no_emoji(tmp_path: Path) -> None:
    row = '{{"id": "{}", "locale": "de-DE", "partition": "train", "utt": "{}", "intent": "pay"}}'
    lines = [row.format(number, "jetzt zahlen") for number in range(1, 100)]
    source = tmp_path / "bank.jsonl"
    source.write_text("\n".join([*lines, row.format(100, "")]) + "\n", encoding="utf-8")
    answer = in_this_process("data", "import", source, "--name", "bank")
    assert answer.returncode == 1
    assert "bank.jsonl:100:" in answer.stderr.decode()


def test_brackets_of_users_are_no_styles(tmp_path: Path) -> None:
    source = tmp_path / "[bold]:smile:"
    answer = in_this_process("data", "import", source, "--name", "bank")
    assert answer.returncode == 1
    assert "[bold]:smile:" in answer.stderr.decode()


def test_tables_show_names_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(
        "t", "all [of] them", (Column("c", "[red]"),), ((":100:",),), notes=("see [note]",)
    )
    print_tables([table], TableFormat.text)
    shown = capsys.readouterr().out
    for text in ("all [of] them", "[red]", ":100:", "see [note]"):
        assert text in shown
