"""Ends trainings before their end, and reads what they wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from massive_kit.data.task_data import TaskData
from massive_kit.engine.observer import SilentObserver
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe


class Stopped(SilentObserver):
    """Ends a run behind a step, as a signal would."""

    def __init__(self, at: int) -> None:
        self.at = at

    def stepped(self, step: int) -> None:
        if step == self.at:
            raise KeyboardInterrupt


def log(run: Path) -> list[dict[str, Any]]:
    """The lines of a run's log."""
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def weights(run: RunFolder) -> dict[str, torch.Tensor]:
    """The weights of a run's model, by name."""
    tensors: dict[str, torch.Tensor] = load_file(run.model / "model.safetensors")
    return tensors


def assert_it_goes_on(
    recipe: Recipe, task_data: TaskData, whole: RunFolder, folder: Path
) -> RunFolder:
    """A run that is stopped and goes on has the log and the weights of an unbroken one.

    Args:
        recipe: The recipe.
        task_data: The task on its data.
        whole: The unbroken run.
        folder: Where the other is trained, which is returned.
    """
    # Behind the first checkpoint, amid the second pass.
    behind_the_middle = Stopped(whole.facts()["steps"] // 2 + 2)
    with pytest.raises(KeyboardInterrupt):
        train_run(recipe, task_data, folder, observer=behind_the_middle)
    resumed = train_run(recipe, task_data, folder, resume=True)
    assert log(resumed.path) == log(whole.path)
    first, second = weights(whole), weights(resumed)
    assert all(torch.equal(first[name], second[name]) for name in first)
    return resumed
