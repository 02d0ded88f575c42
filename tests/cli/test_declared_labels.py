"""A corpus in two files, train here and test there, whose test rows lack labels: to the board."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from massive_kit.cli.app import app
from massive_kit.content import installed_root
from massive_kit.errors import MassiveKitError
from massive_kit.exports.evalai import evaluate
from tests.data.held_out_corpus import LABELS, TASK, TEST, TRAIN, write_rows

Run = Callable[..., Result]
ABOUT = {
    "system": "floor",
    "version": "1",
    "title": "Floor",
    "team": "us",
    "date": "2026-01-31",
    "architecture": "other",
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))
    write_rows(tmp_path / "train.jsonl", TRAIN)
    write_rows(tmp_path / "test.jsonl", TEST)
    (tmp_path / "labels.yaml").write_text(LABELS, encoding="utf-8")
    (tmp_path / "leaderboard").mkdir()
    (tmp_path / "leaderboard" / "board.yaml").write_text("title: Ours\n", encoding="utf-8")

    def command(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(app, list(arguments))
        if isinstance(result.exception, MassiveKitError):
            assert result.exception.exit_code == code, str(result.exception)
        else:
            assert result.exit_code == code, result.output
        return result

    return command


@pytest.mark.parametrize("declared", ["in the task", "at import"])
def test_from_two_files_to_the_board(declared: str, run: Run, tmp_path: Path) -> None:
    in_task = declared == "in the task"
    # The tasks of the current directory are found by name.
    (tmp_path / "tasks").mkdir()
    line = "inventory: ../labels.yaml\n" if in_task else ""
    (tmp_path / "tasks" / "own.yaml").write_text(TASK + line, encoding="utf-8")
    option = () if in_task else ("--inventory", "labels.yaml")
    for name in ("train", "test"):
        run("data", "import", f"{name}.jsonl", "--name", name, *option)
    run("train", "majority", "--task", "own", "--train-data", "train", "--out", "runs/floor")
    intents = json.loads((tmp_path / "runs/floor/model/inventory.json").read_bytes())["intents"]
    assert [*intents] == ["wecker_stellen", "musik_spielen", "licht_an", "heizung_an"]
    # The most frequent intent of the train rows never occurs in the test rows.
    run("predict", "runs/floor", "--task", "own", "--out", "p.json")
    assert orjson.loads((tmp_path / "p.json").read_bytes().split(b"\n")[0])["pred_intent"] == (
        "musik_spielen"
    )
    run("validate", "p.json", "--task", "own")
    scored = json.loads(run("eval", "p.json", "--task", "own", "--format", "json").stdout)
    assert scored["averages"]["pooled"]["intent_accuracy"]["value"] == 0
    keys = [part for key, value in ABOUT.items() for part in ("-o", f"{key}={value!r}")]
    run("leaderboard", "add", "p.json", "--task", "own", *keys, "--resamples", "0")
    run("leaderboard", "build", "--out", "site")
    run("export", "evalai", "challenge", "--task", "own")
    gold = str(tmp_path / "challenge" / "annotations" / "own.npz")
    result = evaluate(gold, str(tmp_path / "p.json"), "own")
    assert result["submission_result"]["Intent accuracy"] == 0


def test_what_is_declared_is_listed_and_the_rest_refused(run: Run, tmp_path: Path) -> None:
    run("data", "import", "train.jsonl", "--name", "train")
    run("data", "import", "test.jsonl", "--name", "test", "--inventory", "train")
    checked = run("data", "check", "--data", "test").stdout
    assert "intents of the inventory that never occur (1): musik_spielen" in checked
    assert "slots of the inventory that never occur (1): band" in checked
    report = json.loads(run("data", "check", "--data", "test", "--format", "json").stdout)
    assert report["never"] == {"intents": ["musik_spielen"], "slots": ["band"]}
    counted = run("data", "stats", "--data", "test", "--labels", "slots", "--format", "json")
    assert json.loads(counted.stdout) == {"raum": 1, "zeit": 1, "band": 0}
    (tmp_path / "few.yaml").write_text("intents: [licht_aus]\nslots: [zeit]\n", encoding="utf-8")
    refused = run("data", "import", "test.jsonl", "--name", "x", "--inventory", "few.yaml", code=1)
    assert "test.jsonl:1: the intent 'wecker_stellen' is not declared" in refused.output
    assert "the intent 'licht_an' is not declared (did you mean 'licht_aus'?)" in refused.output
    assert "the slot 'raum' is not declared" in refused.output


def test_labels_beside_a_task_are_no_task(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "own.yaml").write_text(TASK + "inventory: labels.yaml\n")
    (tmp_path / "tasks" / "labels.yaml").write_text(LABELS)
    tasks = json.loads(run("ls", "tasks", "--format", "json").stdout)
    shipped = {path.stem for path in (installed_root() / "tasks").glob("*.yaml")}
    assert [task["task"] for task in tasks if task["task"] not in shipped] == ["own"]
