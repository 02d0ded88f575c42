"""Runs: each family trains, a killed run ends as an unbroken one, and what goes wrong is told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, MassiveKitError, TrainingError
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.recipes import load_recipe, with_seed

# Trains like `train_run` and kills itself behind a step.
KILLED = """
import os, signal, sys
from pathlib import Path
from massive_kit.data.opening import open_task
from massive_kit.systems.recipes import load_recipe
from massive_kit.runs.training import train_run
from massive_kit.engine.observer import SilentObserver

class Killer(SilentObserver):
    def stepped(self, step):
        if step == int(sys.argv[4]):
            os.kill(os.getpid(), signal.SIGKILL)

recipe, task = load_recipe(sys.argv[1]), open_task(sys.argv[2], "demo")
train_run(recipe, task, Path(sys.argv[3]), False, Killer())
"""


def written(recipe: Recipe, folder: Path) -> Path:
    import yaml

    path = folder / "recipe-in.yaml"
    path.write_text(yaml.safe_dump(recipe.model_dump(mode="json")))
    return path


def lines(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("family", ["encoder", "mt5 encoder", "mt5 text-to-text"])
def test_a_killed_run_ends_as_an_unbroken_one(
    family: str,
    recipes: dict[str, Recipe],
    task_data: TaskData,
    task_file: Path,
    tmp_path: Path,
) -> None:
    recipe = recipes[family]
    whole = train_run(recipe, task_data, tmp_path / "whole")
    steps = whole.facts()["steps"]
    # Behind the first checkpoint, amid the second epoch.
    kill_at = steps // 2 + 3
    done = subprocess.run(
        [
            *(sys.executable, "-c", KILLED, written(recipe, tmp_path), task_file),
            *(str(tmp_path / "killed"), str(kill_at)),
        ],
        check=False,
        capture_output=True,
    )
    assert done.returncode == -9, done.stderr.decode()
    before = lines(tmp_path / "killed")
    with pytest.raises(MassiveKitError, match="--resume"):
        train_run(recipe, task_data, tmp_path / "killed")
    resumed = train_run(recipe, task_data, tmp_path / "killed", resume=True)
    assert resumed.facts()["resumed"] is True
    assert lines(tmp_path / "killed") == lines(tmp_path / "whole")
    assert before[0] == lines(tmp_path / "whole")[0]
    assert resumed.facts()["best"] == whole.facts()["best"]
    first = load_file(whole.model / "model.safetensors")
    two = load_file(resumed.model / "model.safetensors")
    assert all(torch.equal(first[name], two[name]) for name in first)
    # A finished run is left alone.
    assert train_run(recipe, task_data, tmp_path / "killed", resume=True).facts()["resumed"] is True


def test_run_json_says_what_was_run(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    facts = train_run(recipes["encoder"], task_data, tmp_path / "run").facts()
    assert facts["padding"] < 0.15
    assert facts["truncated_rows"] == 0
    assert facts["data"]["train"]["hash"]
    assert facts["versions"]["torch"]
    for name in ("pieces_per_second", "peak_memory_mib", "train_seconds", "parameters"):
        assert facts[name] > 0
    assert not list((tmp_path / "run").rglob("*.pkl"))
    assert {path.name for path in (tmp_path / "run" / "model").iterdir()} == {
        "README.md",
        "config.json",
        "inventory.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }


def test_majority_counts(recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path) -> None:
    facts = train_run(recipes["majority"], task_data, tmp_path / "run").facts()
    assert 0 < facts["share"] < 1


def test_a_seed_repeats_and_0_is_one(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    runs = {}
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        recipe = with_seed(recipes["encoder"], seed)
        runs[name] = train_run(recipe, task_data, tmp_path / name)
    assert lines(tmp_path / "a") == lines(tmp_path / "b")
    assert lines(tmp_path / "a") != lines(tmp_path / "c")


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_numpy_does_not_take_is_told(seed: int, recipes: dict[str, Recipe]) -> None:
    with pytest.raises(ConfigError, match=r"training\.seed"):
        with_seed(recipes["encoder"], seed)


def test_a_run_is_resumed_with_its_own_recipe_only(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    train_run(recipes["majority"], task_data, tmp_path / "run")
    with pytest.raises(ConfigError, match="the recipe it began with"):
        train_run(recipes["encoder"], task_data, tmp_path / "run", resume=True)


def test_a_folder_with_other_files_is_left_alone(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(MassiveKitError, match="other files"):
        train_run(recipes["majority"], task_data, tmp_path)


def test_a_loss_that_is_no_number_names_the_option(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = recipes["encoder"]
    assert isinstance(recipe, EncoderRecipe)
    values = recipe.optimiser.model_copy(update={"lr": 1e30, "warmup": 0, "max_grad_norm": 0})
    with pytest.raises(TrainingError, match=r"optimiser\.lr.*another --out"):
        train_run(recipe.model_copy(update={"optimiser": values}), task_data, tmp_path / "run")


def test_early_stopping_ends_a_run_that_does_not_get_better(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = recipes["encoder"]
    assert isinstance(recipe, EncoderRecipe)
    training = recipe.training.model_copy(
        update={"patience": 1, "evaluations": 8, "epochs": 1, "dev_rows": 10}
    )
    optimiser = recipe.optimiser.model_copy(update={"lr": 1e-9})
    changed = recipe.model_copy(update={"training": training, "optimiser": optimiser})
    run = train_run(changed, task_data, tmp_path / "run")
    assert sum("dev" in line for line in lines(run.path)) == 2


@pytest.mark.slow
def test_memory_that_runs_out_names_the_option_or_shrinks_the_batches(
    recipes: dict[str, Recipe],
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from massive_kit.systems.encoder.joint_model import JointModel

    forward = JointModel.forward

    def small_memory(self: JointModel, input_ids: torch.Tensor, *args: Any, **rest: Any) -> Any:
        if self.training and input_ids.numel() > 300:
            raise torch.OutOfMemoryError("not enough memory")
        return forward(self, input_ids, *args, **rest)

    monkeypatch.setattr(JointModel, "forward", small_memory)
    recipe = recipes["encoder"]
    assert isinstance(recipe, EncoderRecipe)
    with pytest.raises(TrainingError, match=r"training\.batch_tokens=256.*another --out") as caught:
        train_run(recipe, task_data, tmp_path / "one")
    assert "shrink_on_oom" in str(caught.value)

    def shrunk(name: str, **sizes: int | None) -> dict[str, Any]:
        changes = {"shrink_on_oom": True, "epochs": 1, **sizes}
        training = recipe.training.model_copy(update=changes)
        run = train_run(
            recipe.model_copy(update={"training": training}), task_data, tmp_path / name
        )
        return run.facts()

    assert shrunk("two")["batch_tokens"] == 256
    # A recipe that says nothing of its batches has the budget that stands in for it.
    assert shrunk("three", batch_tokens=None)["batch_tokens"] == 256
    rows = shrunk("four", batch_tokens=None, batch_rows=32)
    assert (rows["batch_tokens"], rows["batch_rows"] < 32) == (None, True)


def test_where_no_batch_is_small_enough_nothing_useless_is_advised(
    recipes: dict[str, Recipe],
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from massive_kit.systems.encoder.joint_model import JointModel

    def no_memory(*_: Any, **__: Any) -> Any:
        raise torch.OutOfMemoryError("not enough memory")

    monkeypatch.setattr(JointModel, "forward", no_memory)
    recipe = recipes["encoder"]
    assert isinstance(recipe, EncoderRecipe)
    training = recipe.training.model_copy(update={"shrink_on_oom": True})
    with pytest.raises(TrainingError, match="a smaller model") as caught:
        train_run(recipe.model_copy(update={"training": training}), task_data, tmp_path / "run")
    assert "shrink_on_oom" not in str(caught.value)
    assert "batch_tokens" not in str(caught.value)


def test_a_missing_base_says_what_to_name(task_data: TaskData, tmp_path: Path) -> None:
    recipe = load_recipe("xlmr-base", ["model.base=nowhere/at-all"])
    with pytest.raises(MassiveKitError, match="nowhere/at-all"):
        train_run(recipe, task_data, tmp_path / "run")
