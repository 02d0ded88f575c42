"""Several processes that share the weights out train what one trains."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

from massive_kit.data.task_data import TaskData
from massive_kit.errors import TrainingError
from massive_kit.runs.predicting import predict_task
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.recipes import parse_recipe

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone"]
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
ACCELERATE = [
    *(sys.executable, "-m", "accelerate.commands.launch", "--num_processes=2"),
    *("--num_machines=1", "--mixed_precision=no", "--dynamo_backend=no", "--main_process_port=0"),
]
FSDP = [
    *("--use_fsdp", "--fsdp_version=2", "--fsdp_state_dict_type=FULL_STATE_DICT"),
    *("--fsdp_auto_wrap_policy=TRANSFORMER_BASED_WRAP",),
]

# Trains with FSDP2, which accelerate keeps to GPUs although torch has it for processors too.
SHARDED = """
import atexit
import sys
from pathlib import Path
from torch import distributed
from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import DistributedType
from torch.distributed.tensor import DTensor
from massive_kit.data.opening import open_task
from massive_kit.engine.trainer import KitTrainer
from massive_kit.runs.training import train_run
from massive_kit.systems.recipes import load_recipe

def left():
    threads = [name.read_text() for name in Path("/proc/self/task").glob("*/comm")]
    return not distributed.is_initialized() and not any("gloo" in name for name in threads)

# What is registered first runs last.
atexit.register(lambda: print("left:", left()))
made = AcceleratorState.__init__

def everywhere(self, *args, **options):
    shared = PartialState._shared_state
    if shared.get("distributed_type") == DistributedType.MULTI_CPU:
        shared["distributed_type"] = DistributedType.MULTI_GPU
    made(self, *args, **options)

AcceleratorState.__init__ = everywhere
saved = KitTrainer._save_checkpoint

def checked(self, *args):
    assert any(isinstance(weight, DTensor) for weight in self.model.parameters())
    saved(self, *args)

KitTrainer._save_checkpoint = checked
recipe, task = load_recipe(sys.argv[1]), open_task(sys.argv[2], "demo")
train_run(recipe, task, Path(sys.argv[3]), resume=len(sys.argv) > 4)
"""


def launched(*command: object) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "layer", "weights"),
    [
        ("encoder", "BertLayer", "model.safetensors"),
        ("decoder", "LlamaDecoderLayer", "adapter_model.safetensors"),
    ],
    ids=["encoder", "decoder"],
)
def test_sharded_weights_train_as_whole_ones(
    family: str,
    layer: str,
    weights: str,
    recipes: dict[str, Recipe],
    task_data: TaskData,
    task_file: Path,
    tmp_path: Path,
) -> None:
    values = recipes[family].model_dump(mode="json")
    values["training"] |= {"precision": "fp32", "average": 0}
    source, script, run = (tmp_path / name for name in ("small.yaml", "sharded.py", "run"))
    source.write_text(yaml.safe_dump(values))
    script.write_text(SHARDED)
    sharded = [*ACCELERATE, *FSDP, f"--fsdp_transformer_layer_cls_to_wrap={layer}"]
    printed = launched(*sharded, script, source, task_file, run)
    assert printed.count("left: True") == 2
    whole = ["-m", "massive_kit", "train", source, "--task", task_file, "--data", "demo"]
    launched(*TORCHRUN, *whole, "--out", tmp_path / "whole")
    ours, theirs = (
        [json.loads(line) for line in (trained / "log.jsonl").read_text().splitlines()]
        for trained in (run, tmp_path / "whole")
    )
    assert [trained.get("loss", 0.0) for trained in ours] == pytest.approx(
        [trained.get("loss", 0.0) for trained in theirs], rel=1e-3
    )
    first = load_file(run / "model" / weights)
    second = load_file(tmp_path / "whole" / "model" / weights)
    assert first.keys() == second.keys()
    assert all(torch.allclose(first[name], second[name], atol=1e-4) for name in first)
    assert predict_task(run, task_data, tmp_path / "p.jsonl").failed == 0
    before = (run / "log.jsonl").read_bytes()
    (run / "run.json").unlink()
    newest = max(
        (run / "checkpoints").iterdir(), key=lambda trained: int(trained.name.split("-")[1])
    )
    (newest / "complete").unlink()
    launched(*sharded, script, source, task_file, run, "resume")
    assert (run / "log.jsonl").read_bytes() == before
    again = load_file(run / "model" / weights)
    assert all(torch.equal(first[name], again[name]) for name in first)


@pytest.mark.parametrize(
    ("family", "changes", "average", "message"),
    [
        ("encoder", {"FSDP_VERSION": "1"}, 0, "--fsdp_version 2"),
        ("encoder", {"FSDP_STATE_DICT_TYPE": "SHARDED_STATE_DICT"}, 0, "--fsdp_state_dict_type"),
        ("encoder", {}, 0.9, r"training\.average=0"),
        ("encoder", {}, 0, "several GPUs only; launch without --use_fsdp"),
        ("mt5 text-to-text", {}, 0, "share their embeddings"),
    ],
    ids=["version", "state", "average", "no GPU", "tied"],
)
def test_what_sharding_cannot_do_is_told(
    family: str,
    changes: dict[str, str],
    average: float,
    message: str,
    recipes: dict[str, Recipe],
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in ({"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2"} | changes).items():
        monkeypatch.setenv(name, value)
    values = recipes[family].model_dump(mode="json")
    values["training"]["average"] = average
    with pytest.raises(TrainingError, match=message):
        train_run(parse_recipe(values, "small"), task_data, tmp_path / "run")
