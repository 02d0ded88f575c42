"""A run with adapters becomes a model that is whole by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.task_data import TaskData
from massive_kit.runs.loading import load_system
from massive_kit.runs.training import train_run
from massive_kit.systems.recipes import parse_recipe
from massive_kit.systems.text_answers.system import TextSystem


def test_adapters_are_merged_after_training(
    touching_decoder: Path, touching_task: TaskData, runs: dict[str, Path], tmp_path: Path
) -> None:
    values = {
        "kind": "causal",
        "title": "small",
        "model": {
            "base": str(touching_decoder),
            "lora": {},
            "format": {"inside": "inside_slot_name"},
        },
        "training": {"epochs": 1, "evaluations": 1, "precision": "fp32"},
        "optimiser": {"lr": 1e-2},
    }
    run = train_run(parse_recipe(values, "small"), touching_task, tmp_path / "run").path
    folder = tmp_path / "merged"
    for _ in range(2):
        done = CliRunner().invoke(app, ["export", "merged", str(run), "--out", str(folder)])
        assert done.exit_code == 0, done.output
    assert "AutoModelForCausalLM" in (folder / "README.md").read_text()
    system = load_system(run)
    assert isinstance(system, TextSystem)
    ids = torch.tensor(system.writer.coding.inputs([["play", "a", "b"]]))
    whole, base = map(AutoModelForCausalLM.from_pretrained, (folder, touching_decoder))
    with torch.inference_mode():
        apart = system.writer.model(ids).logits
        assert torch.allclose(whole(ids).logits, apart, atol=1e-5)
        assert not torch.allclose(base(ids).logits, apart, atol=1e-3)


@pytest.mark.parametrize("kind", ["encoder", "majority"])
def test_a_run_without_adapters_is_told(kind: str, runs: dict[str, Path], tmp_path: Path) -> None:
    command = ["export", "merged", str(runs[kind]), "--out", str(tmp_path / "merged")]
    done = CliRunner().invoke(app, command)
    assert "has no adapters to merge" in str(done.exception)
    assert not (tmp_path / "merged").exists()
