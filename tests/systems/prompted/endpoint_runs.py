"""Runs that ask a scripted server, which knows the right answers or gives wrong ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from massive_kit.data.task_data import TaskData
from massive_kit.runs.training import train_run
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
