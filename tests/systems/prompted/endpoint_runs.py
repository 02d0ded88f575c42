"""Runs that ask a scripted server, which knows the right answers or gives wrong ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import yaml

from massive_kit.data.task_data import TaskData
from massive_kit.runs.predicting import predict_task
from massive_kit.runs.training import train_run
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import read_predictions
from massive_kit.systems.recipes import load_recipe
from tests.systems.prompted.scripted_server import Reply

KEY = "sk-very-s3cret-0123456789"
QUICK = ["decoding.longest_wait=0.01", "decoding.timeout=5", "demonstrations.k=2"]
_ASKED = re.compile(r"Utterance: (.*)")

Answering = Callable[[int, dict[str, Any]], Reply]


def prepared(address: str, task_data: TaskData, out: Path, *options: str) -> Path:
    """A run that asks the server at an address."""
    model = ["model.backend=openai", "model.base=tester", f"model.endpoint={address}"]
    recipe = load_recipe("prompted", [*model, *QUICK, *options])
    return train_run(recipe, task_data, out).path


def asked_text(body: dict[str, Any]) -> str:
    """The utterance that a request is about."""
    return str(_ASKED.findall(body["messages"][-1]["content"])[-1])


def lines(path: Path) -> list[dict[str, Any]]:
    """The values of a file of JSON lines."""
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def predicted(run: Path, task_data: TaskData, *overrides: str) -> list[dict[str, Any]]:
    """The lines that a run predicts, all of which are valid."""
    done = predict_task(run, task_data, run / "p.jsonl", overrides=overrides)
    read = read_predictions([done.path], TaskIndex.of(task_data))
    assert not [problem for problem in read.report.problems if problem.severity == "error"]
    return lines(done.path)


def written_task(task_data: TaskData, folder: Path) -> Path:
    """A task's file, for the command line; it tests what the store tests."""
    path = folder / "task.yaml"
    path.write_text(yaml.safe_dump(task_data.task.model_dump(mode="json")))
    return path


def gold(task_data: TaskData) -> list[tuple[str, str]]:
    """The id and intent of each test row."""
    table = task_data.test.read(["id", "intent"])
    return list(zip(*(table.column(name).to_pylist() for name in ("id", "intent")), strict=True))


def files_with(folder: Path, secret: str) -> list[Path]:
    """The files that hold a secret."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]
