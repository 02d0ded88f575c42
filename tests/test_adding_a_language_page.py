"""docs/adding_a_language.md: every command runs as it stands there, in an empty folder."""

from __future__ import annotations

import json
import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.home import store_folder
from massive_kit.data.store import Store

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "adding_a_language.md").read_text(encoding="utf-8")
# A block, in what language; where the line before it names a file, its content.
_BLOCK = re.compile(r"(?:^`([\w./-]+)`\n\n)?^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
BLOCKS = [match.groups() for match in _BLOCK.finditer(TEXT)]
FILES = {name: content for name, _, content in BLOCKS if name}
COMMANDS = [
    line
    for name, language, content in BLOCKS
    if not (name or language)
    for line in content.splitlines()
]
IN_LATIN = re.findall(r"^    (massive-kit (?!forecast).*)$", TEXT, re.MULTILINE)
PRINTED = [content for _, language, content in BLOCKS if language == "text"]


def printed(command: str) -> str:
    program, *arguments = shlex.split(command)
    assert program == "massive-kit"
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, f"{command}\n{done.output}"
    return done.stdout


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


@pytest.mark.slow
def test_from_a_few_sentences_to_the_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert len(COMMANDS) > 12
    output = {command: printed(command) for command in COMMANDS}

    def of(words: str) -> list[str]:
        (text,) = (text for command, text in output.items() if words in command)
        return lines(text)

    registered, cut, _ = PRINTED
    assert {*lines(registered)} <= {*of("languages ha-NG --out")}
    assert {*lines(cut)} <= {*of("fertility runs/zeroshot")}
    # Rows of all stores, and Hausa among what is scored and averaged.
    assert len(Store.open(store_folder("demo-53")).locales) == 53
    for name in ("zeroshot", "few-shot"):
        scores = json.loads((tmp_path / name / "scores.json").read_text(encoding="utf-8"))
        assert len(scores["locales"]) == 52
        assert scores["locales"]["ha-NG"]["n"] == 7
    facts = (tmp_path / "runs" / "few-shot" / "run.json").read_text(encoding="utf-8")
    assert '"ha-NG"' in facts
    page = (tmp_path / "site" / "languages" / "ha-NG.html").read_text(encoding="utf-8")
    assert "Hausa" in page
    assert "West Chadic" in page
    manifest = tmp_path / "leaderboard" / "results" / "few-shot" / "1" / "manifest.yaml"
    assert yaml.safe_load(manifest.read_text(encoding="utf-8"))["task"] == "few-shot-53"

    assert len(IN_LATIN) == 4
    if find_spec("uroman") is not None:
        for command in IN_LATIN:
            printed(command)
        assert '"uroman ' in (tmp_path / "runs" / "latin" / "run.json").read_text(encoding="utf-8")


@pytest.mark.slow
def test_what_is_forecast_is_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (command,) = re.findall(r"^    (massive-kit forecast .*)$", TEXT, re.MULTILINE)
    assert {*lines(PRINTED[-1])} <= {*lines(printed(command))}
