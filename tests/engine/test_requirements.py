"""What a run will need is counted from one batch, and nothing is trained for it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.cli.requirements_lines import duration
from massive_kit.data.task_data import TaskData
from massive_kit.engine.requirements import _Reading
from massive_kit.runs.estimating import TrainingNeeds, training_needs
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.training import train_run, training_data
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.recipes import load_recipe


class TwoLayers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(8, 16, bias=False), nn.Linear(16, 4, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(x).relu()).sum()


def reading(model: Any) -> _Reading:
    return _Reading(model, lambda model, batch: model(**batch), "fp32")


def test_operations_are_two_for_each_weight_and_row_and_twice_that_backwards() -> None:
    operations = reading(TwoLayers()).operations({"x": torch.ones(10, 8)})
    forwards = 2 * 10 * (8 * 16 + 16 * 4)
    # Nobody asks for the gradient of the first layer's input.
    assert operations == 3 * forwards - 2 * 10 * 8 * 16


def test_what_the_backward_pass_keeps_is_counted_once_and_without_weights() -> None:
    kept = reading(TwoLayers()).kept({"x": torch.ones(10, 8)})
    # The input, and what relu gives, which the second layer keeps, too.
    assert kept == 4 * 10 * (8 + 16)


def test_a_run_needs_what_was_foretold(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = recipes["encoder"]
    needs = training_needs(recipe, training_data(recipe, task_data))
    assert isinstance(needs, TrainingNeeds)
    needed = needs.requirements
    assert needs.teachers == ()
    facts = train_run(recipe, task_data, tmp_path / "run").facts()
    assert needed.steps == facts["steps"]
    assert needed.parameters == facts["parameters"]
    assert needed.trained == facts["trained_parameters"]
    padded = facts["pieces"] / (1 - facts["padding"])
    assert needed.subwords_per_epoch * needed.epochs == pytest.approx(padded, rel=0.02)
    weights = 4 * needed.trained
    assert (needed.gradients, needed.optimiser, needed.average) == (
        weights,
        2 * weights,
        2 * weights,
    )
    assert needed.added == 5 * weights + needed.activations
    # A pass forwards and backwards over what is no embedding, and attention besides.
    least = 6 * facts["parameters_without_embeddings"] * needed.subwords_per_epoch
    assert least * 0.8 < needed.operations_per_epoch < least * 3
    assert needed.hours(1e12, 0.5) == needed.operations_per_epoch * 2 / 0.5e12 / 3600


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recipe", "fewer"),
    [
        ("tiny", ""),
        # A decoder writes its answers to the dev set, which takes long and no more memory.
        ("tiny-causal", "training.train_rows=30 training.dev_rows=1"),
        ("tiny-mlm", ""),
    ],
)
def test_the_memory_of_a_process_is_foretold_within_a_fifth(
    recipe: str, fewer: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "massive_kit", "train", recipe, "--task", "demo-full"]
    command += ["--data", "demo", "-o", "training.epochs=1"]
    command += [word for key in fewer.split() for word in ("-o", key)]
    told = subprocess.run([*command, "--dry-run"], check=True, capture_output=True, text=True)
    match = re.search(r"about ([0-9.]+) for the process", told.stdout)
    assert match is not None
    run = tmp_path / "run"
    subprocess.run([*command, "--out", str(run)], check=True, capture_output=True)
    measured = RunFolder(run).facts()["peak_memory_mib"] * 2**20 / 1e9
    assert float(match[1]) == pytest.approx(measured, rel=0.2)


def test_what_trains_nothing_needs_nothing(task_data: TaskData) -> None:
    assert training_needs(load_recipe("majority"), task_data) is None


def test_a_dry_run_tells_what_is_needed(tmp_path: Path) -> None:
    options = ["--task", "demo-full", "--data", "demo", "--dry-run"]
    text = (
        CliRunner().invoke(app, ["train", "tiny", *options, "--peak", "0.1", "--share", "1"]).stdout
    )
    lines = [line for line in text.splitlines() if line.startswith("# ")]
    assert [line.split(":")[0] for line in lines[3:]] == [
        *("# parameters", "# memory, GB", "# work", "# time"),
    ]
    assert "at 100% of 0.1 TFLOPS" in lines[-1]
    absent = ["-o", f"model.base={tmp_path / 'absent'}", "-o", "model.config=null"]
    absent += ["-o", "model.tokenizer=null"]
    done = CliRunner().invoke(app, ["train", "tiny", *options, *absent])
    assert done.exit_code == 0
    assert "# needs: not known here: " in done.stdout


def test_times_are_said_in_units_that_people_use() -> None:
    shown = [duration(hours) for hours in (0.0005, 0.02, 0.5, 3.46, 100)]
    assert shown == ["1.8 s", "72 s", "30 min", "3.5 h", "4.2 days"]


def test_a_run_of_no_time_is_under_a_second() -> None:
    assert duration(1e-8) == "under a second"
