"""Options of a run that are off by default: each does what it says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from massive_kit.data.task_data import TaskData
from massive_kit.engine.observer import SilentObserver
from massive_kit.errors import ConfigError, TrainingError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.predicting import predict_task
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.recipes import parse_recipe
from massive_kit.systems.trained_recipe import TrainedRecipe
from tests.stopped_runs import Stopped


def changed(recipe: Recipe, **training: Any) -> TrainedRecipe:
    values = recipe.model_dump(mode="json")
    values["training"] |= training
    trained = parse_recipe(values, "changed")
    assert isinstance(trained, TrainedRecipe)
    return trained


def lines(run: RunFolder) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.log.read_text().splitlines()]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    tensors: dict[str, torch.Tensor] = load_file(folder / "model.safetensors")
    return tensors


def same(one: Path, two: Path) -> bool:
    left, right = weights(one), weights(two)
    return left.keys() == right.keys() and all(torch.equal(left[k], right[k]) for k in left)


class Killed(SilentObserver):
    """Leaves a copy of a run as it would be if its process were killed before its last step."""

    def __init__(self, run: Path, copy: Path) -> None:
        self.run = run
        self.copy = copy
        self.steps = 0

    def started(self, steps: int, done: int) -> None:
        self.steps = steps

    def stepped(self, step: int) -> None:
        if step == self.steps - 1:
            shutil.copytree(self.run, self.copy)


# torch's compiler itself imports what torch calls old.
ignores_torch_jit = pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")


@pytest.fixture
def _fresh_compiler() -> Iterator[None]:
    from torch._dynamo.utils import counters

    torch._dynamo.reset()
    counters.clear()
    yield
    torch._dynamo.reset()


@pytest.mark.slow
@ignores_torch_jit
@pytest.mark.usefixtures("_fresh_compiler")
@pytest.mark.parametrize(
    ("family", "batch_tokens", "graphs"),
    # A batch that nothing fills up is read by code of its own. Each graph of a text-to-text model
    # takes the compiler most of a minute, so that all of its batches are filled up.
    [("encoder", 512, 2), ("mt5 text-to-text", 1024, 1)],
)
def test_a_compiled_run_is_like_any_other(
    family: str,
    batch_tokens: int,
    graphs: int,
    recipes: dict[str, Recipe],
    task_data: TaskData,
    tmp_path: Path,
) -> None:
    from torch._dynamo.utils import counters

    changes = {"average": 0.9, "precision": "fp32", "batch_tokens": batch_tokens}
    recipe = changed(recipes[family], compile=True, **changes)
    killed = Killed(tmp_path / "run", tmp_path / "again")
    run = train_run(recipe, task_data, tmp_path / "run", observer=killed)
    # The batches have many shapes; none but the first one costs a compilation.
    assert len({line["step"] for line in lines(run)}) > 1
    assert counters["stats"]["unique_graphs"] == graphs
    plain = train_run(changed(recipe, compile=False), task_data, tmp_path / "plain")
    for folder in (run.model, *run.checkpoints.iterdir()):
        names = weights(folder).keys()
        assert names == weights(plain.model).keys()
    losses = [
        [line["loss"] for line in lines(trained) if "loss" in line] for trained in (run, plain)
    ]
    # Dropout draws other numbers in a compiled model.
    assert losses[0] == pytest.approx(losses[1], rel=0.1)
    assert losses[0][-1] < losses[0][0]
    again = train_run(recipe, task_data, tmp_path / "again", resume=True)
    assert again.facts()["resumed"] is True
    # Another first batch, of which the compiler makes other code, rounds in another way.
    ends = [[line["loss"] for line in lines(trained) if "loss" in line] for trained in (run, again)]
    assert ends[0] == pytest.approx(ends[1], rel=1e-4)
    ours, theirs = weights(run.model), weights(again.model)
    assert all(torch.allclose(ours[k], theirs[k], atol=1e-3) for k in ours)
    done = predict_task(run.path, task_data, tmp_path / "p.jsonl")
    assert done.failed == 0


@pytest.mark.slow
@ignores_torch_jit
@pytest.mark.usefixtures("_fresh_compiler")
def test_a_compiler_that_fails_is_told(
    recipes: dict[str, Recipe],
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from torch._inductor import config as inductor_config

    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "cache"))
    recipe = changed(recipes["encoder"], compile=True)
    # Taking back what is set in it is left to torch: an attribute that is deleted is gone for all.
    with (
        inductor_config.patch({"cpp.cxx": ("no-such-compiler",)}),
        pytest.raises(TrainingError, match=r"training\.compile=false"),
    ):
        train_run(recipe, task_data, tmp_path / "run")


@pytest.mark.slow
@pytest.mark.parametrize("family", ["encoder", "mt5 text-to-text"])
def test_a_deterministic_run_repeats_and_leaves_torch_as_it_was(
    family: str, recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = changed(recipes[family], deterministic=True, average=0)
    asked = []

    class Asking(SilentObserver):
        def stepped(self, step: int) -> None:
            asked.append(torch.are_deterministic_algorithms_enabled())

    first = train_run(recipe, task_data, tmp_path / "one", observer=Asking())
    two = train_run(recipe, task_data, tmp_path / "two")
    assert same(first.model, two.model)
    assert lines(first) == lines(two)
    assert asked
    assert all(asked)
    assert not torch.are_deterministic_algorithms_enabled()


def events(folder: Path) -> dict[str, list[int]]:
    """The steps of each scalar in the event files of a folder, oldest file first."""
    # Without types, so imported by name.
    kind = pytest.importorskip("tensorboardX.proto.event_pb2").Event
    lines_by_event: dict[str, list[int]] = {}
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        while data:
            size = int.from_bytes(data[:8], "little")
            event = kind.FromString(data[12 : 12 + size])
            for value in event.summary.value:
                if value.WhichOneof("value") == "simple_value":
                    lines_by_event.setdefault(value.tag, []).append(event.step)
            data = data[12 + size + 4 :]
    return lines_by_event


def test_tensorboard_gets_losses_and_dev_scores_in_the_run_directory(
    recipes: dict[str, Recipe],
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("tensorboardX")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    recipe = changed(recipes["encoder"], report_to=["tensorboard"])
    with pytest.raises(KeyboardInterrupt):
        train_run(recipe, task_data, tmp_path / "run", observer=Stopped(20))
    run = train_run(recipe, task_data, tmp_path / "run", resume=True)
    assert not list(here.iterdir())
    assert {path.name for path in run.path.iterdir()} >= {"tensorboard", "checkpoints"}
    assert not (run.checkpoints / "runs").exists()
    written = events(run.tensorboard)
    logged = lines(run)
    assert set(written["train/loss"]) == {line["step"] for line in logged if "loss" in line}
    for name in ("exact_match", "intent_accuracy", "slot_f1"):
        assert set(written[f"eval/{name}"]) == {line["step"] for line in logged if "dev" in line}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wandb", "wandb is not installed .*pip install wandb"),
        ("mlflow", "mlflow is not installed .*pip install mlflow"),
        ("tensorboard", "tensorboard is not installed .*pip install tensorboard"),
        ("comet_ml", "pip install comet-ml"),
        ("weights-and-biases", "unknown 'weights-and-biases'; expected .*mlflow.*tensorboard"),
    ],
)
def test_a_package_that_is_missing_is_told_before_anything_else(
    name: str,
    message: str,
    tmp_path: Path,
    recipes: dict[str, Recipe],
    task_data: TaskData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("massive_kit.engine.reporting.find_spec", lambda _: None)
    recipe = changed(recipes["encoder"], report_to=[name])
    with pytest.raises(ConfigError, match=message):
        train_run(recipe, task_data, tmp_path / "run")
    # Nothing has begun, so that the mended recipe may have the directory.
    mended = changed(recipe, report_to=[], epochs=0.2)
    assert train_run(mended, task_data, tmp_path / "run").finished


@pytest.mark.slow
def test_a_loss_is_the_same_over_few_and_many_batches_a_step(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    losses = []
    for accumulate in (1, 3):
        recipe = changed(
            recipes["mt5 text-to-text"],
            accumulate=accumulate,
            log_steps=1,
            epochs=1,
            evaluations=1,
            batch_tokens=256,
        )
        losses.append(lines(train_run(recipe, task_data, tmp_path / str(accumulate)))[0]["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=0.1)


def test_a_run_killed_between_its_last_step_and_its_model_ends_the_same(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    whole = train_run(recipes["encoder"], task_data, tmp_path / "whole")
    cut = RunFolder(shutil.copytree(whole.path, tmp_path / "cut"))
    (cut.path / "run.json").unlink()
    shutil.rmtree(cut.model)
    train_run(recipes["encoder"], task_data, cut.path, resume=True)
    assert same(whole.model, cut.model)
    assert lines(whole) == lines(cut)


@pytest.mark.slow
def test_a_run_whose_batches_shrank_is_resumed_with_the_small_ones(
    recipes: dict[str, Recipe],
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from massive_kit.systems.encoder.joint_model import JointModel

    forward = JointModel.forward
    recipe = changed(recipes["encoder"], shrink_on_oom=True)

    def small_memory(self: JointModel, input_ids: torch.Tensor, *args: Any, **rest: Any) -> Any:
        if self.training and input_ids.numel() > 300:
            raise torch.OutOfMemoryError("not enough memory")
        return forward(self, input_ids, *args, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(JointModel, "forward", small_memory)
        whole = train_run(recipe, task_data, tmp_path / "whole")
        with pytest.raises(KeyboardInterrupt):
            train_run(
                recipe, task_data, tmp_path / "cut", observer=Stopped(whole.facts()["steps"] - 1)
            )
    # Elsewhere there is memory enough; the run goes on as it began.
    cut = train_run(recipe, task_data, tmp_path / "cut", resume=True)
    assert cut.facts()["batch_tokens"] == whole.facts()["batch_tokens"] == 256
    assert same(whole.model, cut.model)
    assert lines(whole) == lines(cut)
