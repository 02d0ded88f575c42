"""Two processes train one model and predict one file, under `torchrun` and `accelerate`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from massive_kit.data.task_data import TaskData
from massive_kit.runs.predicting import predict_task
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe

TORCHRUN = ["torch.distributed.run", "--nproc-per-node=2", "--standalone"]
# `--multi_gpu` is what makes `accelerate` start processes of its own; they run on any device.
ACCELERATE = [
    *("accelerate.commands.launch", "--multi_gpu", "--num_processes=2", "--num_machines=1"),
    *("--mixed_precision=no", "--dynamo_backend=no", "--main_process_port=0"),
]


@pytest.mark.slow
@pytest.mark.parametrize("launcher", [TORCHRUN, ACCELERATE], ids=["torchrun", "accelerate"])
def test_two_processes_do_what_one_does(
    launcher: list[str],
    recipes: dict[str, Recipe],
    task_data: TaskData,
    task_file: Path,
    tmp_path: Path,
) -> None:
    recipe = recipes["encoder"]
    alone = train_run(recipe, task_data, tmp_path / "one").facts()
    source = tmp_path / "small.yaml"
    source.write_text(yaml.safe_dump(recipe.model_dump(mode="json")))
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    start = [sys.executable, "-m", *launcher]
    module = ["-m", "massive_kit"]
    task = ["--task", str(task_file), "--data", "demo"]
    run = tmp_path / "two"
    subprocess.run(
        [*start, *module, "train", str(source), *task, "--out", str(run)],
        check=True,
        env=environment,
        capture_output=True,
        timeout=300,
    )
    two = json.loads((run / "run.json").read_text())
    assert two["processes"] == 2
    assert two["train_rows"] == alone["train_rows"]
    # Each row once an epoch, but for the few that fill the last group up.
    assert alone["pieces"] <= two["pieces"] <= 1.05 * alone["pieces"]
    assert two["best"]["value"] == pytest.approx(alone["best"]["value"], abs=0.15)
    subprocess.run(
        [*start, *module, "predict", str(run), *task, "--out", str(tmp_path / "two.jsonl")],
        check=True,
        env=environment,
        capture_output=True,
        timeout=300,
    )
    predict_task(run, task_data, tmp_path / "one.jsonl")
    assert (tmp_path / "two.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()
