"""`data show` prints utterances so that they can be read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app


def test_literal_brackets_are_told_from_slots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))
    rows = [
        {"annot_utt": r"play \[ [song : a \] b]", "utt": "play [ a ] b", "intent": "play"},
        {"utt": "play [ a ] b"},
    ]
    # It is what `show` shows where there is no en-US.
    common = {"locale": "de-DE", "partition": "test"}
    lines = [json.dumps({"id": str(at), **common, **row}) for at, row in enumerate(rows)]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")

    def command(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["data", *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    command("import", str(tmp_path / "rows.jsonl"), "--name", "x")
    assert command("show", "--data", "x").splitlines() == [
        r"0 play  play \[ [song : a \] b]",
        r"1 -  play \[ a \] b",
    ]
