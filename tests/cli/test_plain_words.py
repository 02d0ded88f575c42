"""Small things that a reader stumbles over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.breakdown import rendering
from massive_kit.breakdown.tables import Table, columns
from massive_kit.cli.app import app
from massive_kit.cli.tables import TableFormat, print_tables

ROW = {"id": "1", "locale": "de", "partition": "test", "intent": "a", "utt": "x", "annot_utt": "x"}


def run(*words: str) -> str:
    return " ".join(CliRunner().invoke(app, list(words)).output.replace("│", " ").split())


@pytest.mark.parametrize(
    "words", [("ls", "foo"), ("eval", "x", "--task", "y", "--format", "foo")], ids=" ".join
)
def test_a_wrong_value_is_told_in_plain_english(words: tuple[str, ...]) -> None:
    output = run(*words)
    assert "'foo' is not one of" in output
    assert "Value error" not in output


@pytest.mark.parametrize("words", [("sample",), ("stats",), ("derive", "sample")], ids=" ".join)
def test_commands_without_a_task_say_what_their_default_is(words: tuple[str, ...]) -> None:
    output = run("data", *words, "--help")
    assert "Default: 1.1." in output
    assert "the task's" not in output


def test_one_locale_is_one_locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path))
    source = tmp_path / "x.jsonl"
    source.write_text(json.dumps(ROW), encoding="utf-8")
    output = run("data", "import", str(source), "--name", "one")
    assert "1 utterance in 1 locale -> " in output
    assert "the locale 'de' is read as de-DE" in output
    assert "one: 1 utterance in 1 locale " in run("data", "check", "--data", "one")
    source.write_text(json.dumps({**ROW, "locale": "zh"}), encoding="utf-8")
    assert "was not imported: 1 bad row " in run("data", "import", str(source), "--name", "one")


EMPTY = Table("regressions", "Regressions of b: 0", columns("metric"), (), ("Worse (Holm).",))


def test_an_empty_table_is_its_title_and_notes(capsys: pytest.CaptureFixture[str]) -> None:
    print_tables([EMPTY], TableFormat.text)
    assert capsys.readouterr().out == "\nRegressions of b: 0\nWorse (Holm).\n"
    assert rendering.markdown([EMPTY]) == "### Regressions of b: 0\n\nWorse (Holm).\n"
    assert rendering.latex([EMPTY]) == "% Regressions of b: 0\n"
