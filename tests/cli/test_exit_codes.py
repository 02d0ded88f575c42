"""Names that lead nowhere: 1 where something is not found, 2 where the command line is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.errors import MassiveKitError

NOT_FOUND = """
validate nosuch.jsonl --task demo-full
validate {file} --task nosuch
validate {file} --task nosuch.yaml
validate {file} --task demo-full --data nosuch
eval {file} --task nosuch
train nosuch --task demo-full --out x
train majority --task nosuch --out x
train majority --task demo-full --train-data nosuch --out x
predict nosuch --task demo-full --out y
configure nosuch --out y -o inference.centring=null
data import nosuch --name a
data import {file} --name a --inventory nosuch
data check --data nosuch
data stats --data demo --locale vo
data show --data demo --partition nosuch
breakdown nosuch
compare nosuch nosuch
probe nosuch --data demo
submission check nosuch
leaderboard build --results nosuch --out s
export croissant --data nosuch
"""
WRONG = """
nosuch
ls nosuch
validate {file} --task demo-full --nosuch
validate {file}
data import {file} --name a/b
data stats --data demo --by nosuch
data show --data demo --intent nosuch
data fetch --version 9.9
compare nosuch
configure nosuch
configure nosuch --out
probe nosuch --data demo --layers nosuch
"""


def exit_code(line: str, folder: Path) -> int:
    (folder / "p.jsonl").write_bytes(b"")
    arguments = line.format(file=folder / "p.jsonl").split()
    result = CliRunner().invoke(app, arguments)
    if isinstance(result.exception, MassiveKitError):
        return result.exception.exit_code
    return result.exit_code


@pytest.mark.parametrize("line", NOT_FOUND.strip().splitlines())
def test_what_is_not_there_is_1(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert exit_code(line, tmp_path) == 1


@pytest.mark.parametrize("line", WRONG.strip().splitlines())
def test_a_wrong_command_line_is_2(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert exit_code(line, tmp_path) == 2


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--help", 0),
        ("ls tasks", 0),
        ("ls languages --format json", 0),
        ("validate {file} --task demo-full", 1),
    ],
)
def test_a_reader_that_goes_changes_no_exit_code(
    tmp_path: Path, arguments: str, expected: int
) -> None:
    (tmp_path / "p.jsonl").write_bytes(b"x\n")
    reader, writer = os.pipe()
    os.close(reader)
    command = arguments.format(file=tmp_path / "p.jsonl").split()
    try:
        process = [sys.executable, "-m", "massive_kit", *command]
        done = subprocess.run(process, stdout=writer, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writer)
    assert (done.returncode, b"roken" in done.stderr) == (expected, False)


@pytest.mark.parametrize("line", ["breakdown {file}", "compare {file} {file}"])
def test_predictions_in_place_of_an_evaluation_are_told_what_to_run(
    line: str, tmp_path: Path
) -> None:
    (tmp_path / "p.jsonl").write_bytes(b"{}")
    result = CliRunner().invoke(app, line.format(file=tmp_path / "p.jsonl").split())
    assert isinstance(result.exception, MassiveKitError)
    assert result.exception.exit_code == 1
    assert f"run `massive-kit eval {tmp_path / 'p.jsonl'} --task TASK" in str(result.exception)


@pytest.mark.parametrize("command", ["croissant", "hf-dataset"])
def test_exports_take_their_place_as_argument_and_option(command: str, tmp_path: Path) -> None:
    def export(*arguments: str) -> None:
        CliRunner().invoke(app, ["export", command, "--data", "demo", *arguments])

    first, second = tmp_path / "a", tmp_path / "b"
    export(str(first))
    export("--out", str(second))
    export(str(tmp_path / "c"), "--out", str(tmp_path / "d"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
