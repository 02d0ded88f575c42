"""No step waits for the device: to ask for a tensor's values would stop a GPU until it is done."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from massive_kit.data.task_data import TaskData
from massive_kit.engine.trainer import KitTrainer
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.recipes import parse_recipe

# Methods that hand a tensor's values to Python, or whose result has a shape that hangs on them.
WAITING = ("item", "cpu", "tolist", "numpy", "nonzero", "__bool__", "__int__", "__float__")
BODY = {
    "model_type": "bert",
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}
PRETRAINING = {
    "kind": "pretraining",
    "title": "small",
    "model": {"architecture": "encoder", "config": BODY, "tokenizer": {"vocabulary": 1000}},
    "objective": {"name": "mlm"},
}
SHORT = {"epochs": 0.1, "evaluations": 1, "dev_rows": 2, "train_rows": 60, "batch_tokens": 512}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who asks for values within a training step, as it happens."""
    calls: list[str] = []
    inside = False

    def watched(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if inside:
                caller = traceback.extract_stack(limit=2)[0]
                calls.append(f"{name} at {caller.filename}:{caller.lineno}")
            return method(*arguments, **options)

        return call

    def taken(tensor: torch.Tensor, at: Any) -> Any:
        places = at if isinstance(at, tuple) else (at,)
        if inside and any(getattr(place, "dtype", None) is torch.bool for place in places):
            calls.append("the places where a mask is true")
        return take(tensor, at)

    take = torch.Tensor.__getitem__
    monkeypatch.setattr(torch.Tensor, "__getitem__", taken)
    for name in WAITING:
        monkeypatch.setattr(torch.Tensor, name, watched(name, getattr(torch.Tensor, name)))
    step = KitTrainer.training_step

    def training_step(self: KitTrainer, *arguments: Any, **options: Any) -> torch.Tensor:
        nonlocal inside
        inside = True
        try:
            loss: torch.Tensor = step(self, *arguments, **options)
        finally:
            inside = False
        return loss

    monkeypatch.setattr(KitTrainer, "training_step", training_step)
    return calls


@pytest.mark.parametrize("family", ["encoder", "mt5 encoder", "mt5 text-to-text", "decoder"])
def test_no_step_asks_for_values(
    family: str,
    recipes: dict[str, Recipe],
    task_data: TaskData,
    tmp_path: Path,
    asked: list[str],
) -> None:
    values = recipes[family].model_dump(mode="json")
    values["training"] |= SHORT
    train_run(parse_recipe(values, "short"), task_data, tmp_path / "run")
    assert not asked


def test_no_step_of_pretraining_asks_for_values(
    task_data: TaskData, tmp_path: Path, asked: list[str]
) -> None:
    train_run(parse_recipe(PRETRAINING | {"training": SHORT}, "short"), task_data, tmp_path / "run")
    assert not asked
