"""Every command survives a pipe or terminal whose encoding is not UTF-8."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
import typer
import yaml

from massive_kit.cli.app import app
from massive_kit.data.store import Store
from tests.command_line import in_this_process

ENCODINGS = ("cp1252", "ascii")
TASK = """
name: three
title: Three locales of the demo corpus, für Tests
setting: full
data: [demo]
source_locale: en-US
train: {partition: train, locales: [en-US, km-KH, th-TH]}
dev: {partition: dev, locales: [en-US, km-KH, th-TH]}
test: {partition: test, locales: [en-US, km-KH, th-TH]}
"""
DEMO = ("--data", "demo")


@pytest.fixture(scope="module")
def folder(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A task, right and wrong predictions on it, a run, scores and a bundle, some of it named ü."""
    root = tmp_path_factory.mktemp("encodings")
    (root / "three.yaml").write_text(TASK, encoding="utf-8")
    columns = ["id", "locale", "intent", "utt", "annot_utt"]
    rows = demo_store.read("test", ("en-US", "km-KH", "th-TH"), columns).to_pylist()
    right, wrong = root / "right.jsonl", root / "falsch-ü.jsonl"
    with right.open("wb") as good, wrong.open("wb") as bad:
        for number, row in enumerate(rows):
            line = {"id": row["id"], "locale": row["locale"], "pred_intent": row["intent"]}
            line["pred_annot_utt"] = row["annot_utt"] if number % 3 else row["utt"]
            good.write(orjson.dumps(line) + b"\n")
            line["pred_annot_utt"] = f"[ប្រាសាទ : {row['utt']}"
            bad.write(orjson.dumps(line) + b"\n")
    manifest = {"system": "x", "version": "1", "title": "ប្រាសាទ", "team": "Ünï", "task": "three"}
    manifest |= {"setting": "full", "date": "2026-01-31", "architecture": "other"}
    (root / "manifest.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
    task = ("--task", root / "three.yaml")
    for name in ("a", "b"):
        done = in_this_process("eval", right, *task, "--out", root / name)
        assert done.returncode == 0, done.stderr
    done = in_this_process("train", "majority", *task, "--out", root / "run")
    assert done.returncode == 0, done.stderr
    return root


def below(command: object, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The words of a command and of each command in it."""
    commands = sorted(getattr(command, "commands", {}).items())
    return [words, *(path for name, inner in commands for path in below(inner, (*words, name)))]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("words", below(typer.main.get_command(app)), ids=" ".join)
def test_help(words: tuple[str, ...], encoding: str) -> None:
    done = in_this_process(*words, "--help", encoding=encoding)
    assert done.returncode == 0, done.stderr
    assert b"Usage" in done.stdout


FOR_PEOPLE = {
    "version": (0, ("--version",)),
    "ls tasks": (0, ("ls", "tasks")),
    "ls baselines": (0, ("ls", "baselines")),
    "ls languages": (0, ("ls", "languages")),
    "ls groups": (0, ("ls", "groups")),
    "ls systems": (0, ("ls", "systems")),
    "ls ប្រាសាទ": (2, ("ls", "ប្រាសាទ")),
    "show th": (0, ("data", "show", *DEMO, "--locale", "th-TH")),
    "show km": (0, ("data", "show", *DEMO, "--locale", "km-KH")),
    "show ar": (0, ("data", "show", *DEMO, "--locale", "ar-SA")),
    "stats": (0, ("data", "stats", *DEMO)),
    "check": (0, ("data", "check", *DEMO)),
    "diff": (0, ("data", "diff", "demo", "demo")),
    "no data": (1, ("data", "show", "--data", "ប្រាសាទ")),
    "validate": (1, ("validate", "FOLDER/falsch-ü.jsonl", "--task", "TASK", *DEMO)),
    "rules": (0, ("validate", "--rules")),
    "eval": (0, ("eval", "FOLDER/right.jsonl", "--task", "TASK")),
    "eval of a wrong file": (1, ("eval", "FOLDER/falsch-ü.jsonl", "--task", "TASK")),
    "eval of a run": (0, ("eval", "FOLDER/run", "--task", "TASK")),
    "compare": (0, ("compare", "FOLDER/a", "FOLDER/b", "--resamples", "100")),
    "breakdown": (0, ("breakdown", "FOLDER/a")),
    "breakdown of slots": (0, ("breakdown", "FOLDER/a", "--by", "slot", "--errors", "20")),
    "train": (0, ("train", "majority", "--task", "TASK", "--out", "FOLDER/run-ü-ក")),
    "dry run": (0, ("train", "majority", "--task", "TASK", "--dry-run", "-o", "title=ក")),
    "predict text": (0, ("predict", "FOLDER/run", "--text", "ប្រាសាទ", "--locale", "km-KH")),
    "predict text of ü": (2, ("predict", "FOLDER/run", "--text", "ប្រាសាទ", "--locale", "ü")),
    "predict": (0, ("predict", "FOLDER/run", "--task", "TASK", "--out", "FOLDER/ក.jsonl")),
    "card": (0, ("data", "card", *DEMO, "--locale", "km-KH")),
    "manifest": (0, ("submission", "manifest")),
    "pack": (
        1,
        ("submission", "pack", "FOLDER/falsch-ü.jsonl", "--task", "TASK", "--out", "FOLDER/ü"),
    ),
    "bundle": (1, ("submission", "check", "FOLDER/falsch-ü.jsonl")),
    "board": (0, ("leaderboard", "check")),
    "board elsewhere": (1, ("leaderboard", "check", "--results", "FOLDER/nirgends-ü")),
    "add": (1, ("leaderboard", "add", "FOLDER/falsch-ü.jsonl", "--results", "FOLDER/ü")),
    "search": (2, ("search", "majority", "--task", "TASK", "--out", "FOLDER/ü")),
    "push": (1, ("push", "FOLDER/ប្រាសាទ", "me/it")),
    "croissant": (0, ("export", "croissant", *DEMO, "--out", "FOLDER/ប្រាសាទ.json")),
    "hf-dataset": (
        0,
        ("export", "hf-dataset", "FOLDER/ប្រាសាទ", *DEMO, "--locale", "km-KH"),
    ),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_for_people(name: str, encoding: str, folder: Path, tmp_path: Path) -> None:
    code, words = FOR_PEOPLE[name]
    if name == "hf-dataset":
        pytest.importorskip("datasets")
    if name in {"add", "pack"}:
        words = (*words, "--manifest", str(folder / "manifest.yaml"))
    arguments = [_put_in(word, folder, tmp_path) for word in words]
    done = in_this_process(*arguments, encoding=encoding)
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr
    assert done.stdout + done.stderr
    if name == "show km":
        assert b"\\u17" in done.stdout


def _put_in(word: str, folder: Path, tmp_path: Path) -> str:
    if word.startswith("FOLDER/"):
        path = folder / word.removeprefix("FOLDER/")
        return str(path if path.exists() else tmp_path / path.name)
    return str(folder / "three.yaml") if word == "TASK" else word


FOR_MACHINES = {
    "ls": ("ls", "languages", "--format", "json"),
    "show": ("data", "show", *DEMO, "--locale", "km-KH", "--format", "json"),
    "validate": ("validate", "FOLDER/falsch-ü.jsonl", "--task", "TASK", *DEMO, "--format", "json"),
    "github": ("validate", "FOLDER/falsch-ü.jsonl", "--task", "TASK", *DEMO, "--format", "github"),
    "card": ("data", "card", *DEMO, "--locale", "km-KH"),
    "breakdown": ("breakdown", "FOLDER/a", "--by", "language", "--format", "csv"),
    "breakdown for papers": ("breakdown", "FOLDER/a", "--format", "latex"),
    "errors": ("breakdown", "FOLDER/a", "--errors", "5", "--format", "json"),
    "dry run": ("train", "majority", "--task", "TASK", "--dry-run", "-o", "title=ប្រាសាទ"),
    "predict": ("predict", "FOLDER/run", "--text", "ប្រាសាទ", "--format", "json"),
}


@pytest.mark.parametrize("name", FOR_MACHINES)
def test_for_machines_it_is_utf_8(name: str, folder: Path, tmp_path: Path) -> None:
    arguments = [_put_in(word, folder, tmp_path) for word in FOR_MACHINES[name]]
    expected = in_this_process(*arguments)
    for encoding in ENCODINGS:
        done = in_this_process(*arguments, encoding=encoding)
        assert done.stdout == expected.stdout
        assert done.returncode == expected.returncode
    text = expected.stdout.decode()
    if name in {"show", "errors", "predict"}:
        assert [json.loads(line) for line in text.splitlines()]
    assert text.isascii() == (name in {"breakdown", "breakdown for papers"})


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "cp1252"},
        pytest.param({"PYTHONIOENCODING": "ascii"}, marks=pytest.mark.slow),
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=lambda environment: next(iter(environment)),
)
def test_as_a_process(environment: dict[str, str], folder: Path) -> None:
    task = ("--task", folder / "three.yaml")
    for code, words in (
        (0, ("--help",)),
        (0, ("data", "show", *DEMO, "--locale", "th-TH")),
        (1, ("validate", folder / "falsch-ü.jsonl", *task, *DEMO)),
        (0, ("predict", folder / "run", "--text", "ប្រាសាទ", "--locale", "km-KH")),
        (0, ("train", "majority", *task, "--dry-run", "-o", "title=ប្រាសាទ")),
        (1, ("leaderboard", "add", folder / "falsch-ü.jsonl", *task, "-o", "team=ប្រាសាទ")),
    ):
        command = [sys.executable, "-m", "massive_kit", *map(str, words)]
        env = {**os.environ, **environment}
        done = subprocess.run(command, capture_output=True, env=env, check=False)
        assert done.returncode == code, done.stderr
        assert b"Traceback" not in done.stderr
        if words[0] == "train":
            assert yaml.safe_load(done.stdout)["title"] == "ប្រាសាទ"
