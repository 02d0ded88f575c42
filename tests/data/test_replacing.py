"""A store is not lost because another one is given its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import in_this_process

ROW = '{{"id": "{}", "locale": "de-DE", "partition": "train", "utt": "{}", "intent": "{}"}}\n'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MASSIVE_KIT_DATA", raising=False)
    return tmp_path / "home" / "data"


def corpus(path: Path, intent: str) -> Path:
    path.write_text("".join(ROW.format(n, "jetzt zahlen", intent) for n in (1, 2)), "utf-8")
    return path


def run(*arguments: object) -> str:
    """Runs a command and gives what it printed, "" where it succeeded."""
    answer = in_this_process("data", *arguments)
    assert answer.returncode in {0, 2}
    return answer.stderr.decode() if answer.returncode else ""


def test_an_import_keeps_a_store_with_other_data(tmp_path: Path, home: Path) -> None:
    pay, call = corpus(tmp_path / "a.jsonl", "pay"), corpus(tmp_path / "b.jsonl", "call")
    assert not run("import", pay, "--name", "bank")
    before = (home / "bank" / "store.json").read_bytes()
    refused = run("import", call, "--name", "bank")
    assert "the store bank exists and holds other data (imported, 2 utterances" in refused
    assert "choose another --name, or give --replace" in refused
    assert (home / "bank" / "store.json").read_bytes() == before
    assert not run("import", pay, "--name", "bank"), "the same data again"
    assert not run("import", call, "--name", "bank", "--replace")
    assert b'"call"' in (home / "bank" / "store.json").read_bytes()


def test_a_derived_store_takes_the_place_of_the_same_alone(tmp_path: Path) -> None:
    assert not run("import", corpus(tmp_path / "a.jsonl", "pay"), "--name", "bank")
    sample = ("sample", "--data", "bank", "--per-intent", "1")
    assert "which it is made of" in run(*sample, "--name", "bank", "--replace")
    assert not run("import", corpus(tmp_path / "b.jsonl", "call"), "--name", "calls")
    assert "other data (imported" in run(*sample, "--name", "calls")
    assert not run(*sample, "--name", "few")
    assert not run(*sample, "--name", "few"), "the same sample again"
    other = ("sample", "--data", "bank", "--per-intent", "2", "--name", "few")
    assert "made by sample of bank, 1 utterance in 1 locale" in run(*other)
    assert not run(*other, "--replace")


def test_an_import_keeps_a_derived_store(tmp_path: Path) -> None:
    pay = corpus(tmp_path / "a.jsonl", "pay")
    assert not run("import", pay, "--name", "bank")
    assert not run("derive", "mix", "--data", "bank", "--name", "mixed")
    assert "made by mix of bank" in run("import", pay, "--name", "mixed")
