"""A run goes on with its own recipe, task and data only, and a failed check leaves no trace."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import yaml

from massive_kit.data.id_split import IdSplit
from massive_kit.data.parallel_text import ParallelText
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.engine.observer import SilentObserver
from massive_kit.errors import ConfigError, MassiveKitError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.resuming import RunPlan, nothing_left_to_do
from massive_kit.runs.run_lock import locked
from massive_kit.runs.training import data_facts, train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.recipes import parse_recipe
from massive_kit.systems.trained_recipe import TrainedRecipe


class Stopped(SilentObserver):
    """Ends the run behind its first step, as a signal would."""

    def stepped(self, step: int) -> None:
        raise KeyboardInterrupt


def other_task(task_data: TaskData) -> TaskData:
    """English alone is trained on, under another name."""
    train = task_data.task.train.model_copy(update={"locales": ["en-US"]})
    task = task_data.task.model_copy(update={"name": "english-only", "train": train})
    return dataclasses.replace(task_data, task=task, train=task_data.train.only("en-US"))


def changed(recipe: Recipe, **model: object) -> TrainedRecipe:
    values = recipe.model_dump(mode="json")
    values["model"] |= model
    trained = parse_recipe(values, "changed")
    assert isinstance(trained, TrainedRecipe)
    return trained


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("finished", [True, False])
def test_another_task_is_refused_with_what_differs_and_nothing_is_written(
    finished: bool, recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = recipes["majority" if finished else "encoder"]
    if finished:
        train_run(recipe, task_data, tmp_path / "run")
    else:
        with pytest.raises(KeyboardInterrupt):
            train_run(recipe, task_data, tmp_path / "run", observer=Stopped())
    before = files(tmp_path / "run")
    with pytest.raises(ConfigError, match="task, data it began with") as caught:
        train_run(recipe, other_task(task_data), tmp_path / "run", resume=True)
    text = str(caught.value)
    assert "task: name is 'english-only'; expected 'two-locales' as before" in text
    assert "data: train.hash is" in text
    assert "dev" not in text
    assert files(tmp_path / "run") == before


@pytest.mark.parametrize("resume", [True, False])
def test_a_second_process_in_a_folder_that_is_trained_in_is_refused(
    resume: bool, recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    # A lock holds against another opening of the folder in the same process, too.
    with (
        locked(tmp_path / "out" / "run"),
        pytest.raises(MassiveKitError, match=r"another process trains in .*run; .* another --out"),
    ):
        train_run(recipes["majority"], task_data, tmp_path / "out" / "run", resume=resume)
    assert not list(tmp_path.iterdir())
    run = train_run(recipes["majority"], task_data, tmp_path / "out" / "run")
    assert run.finished
    assert not [path for path in run.path.iterdir() if "lock" in path.name]


def test_other_processes_of_one_training_take_no_lock(
    recipes: dict[str, Recipe],
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = train_run(recipes["majority"], task_data, tmp_path / "run")
    monkeypatch.setenv("RANK", "1")
    with locked(run.path):
        assert train_run(recipes["majority"], task_data, run.path, resume=True) == run


def test_labels_in_another_order_are_refused(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    train_run(recipes["majority"], task_data, tmp_path / "run")
    inventory = task_data.store.inventory
    turned = dataclasses.replace(inventory, slots=inventory.slots[::-1])
    store = dataclasses.replace(task_data.store, inventory=turned)
    test = dataclasses.replace(task_data.test, store=store)
    other = dataclasses.replace(task_data, test=test)
    with pytest.raises(ConfigError, match="labels it began with"):
        train_run(recipes["majority"], other, tmp_path / "run", resume=True)
    train_run(recipes["majority"], task_data, tmp_path / "run", resume=True)


@pytest.mark.parametrize("kept", ["data.json", "run.json"])
def test_other_rows_under_the_same_names_are_refused(
    kept: str, recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    run = train_run(recipes["majority"], task_data, tmp_path / "run")
    if kept == "run.json":
        # As an earlier version left it.
        (run.path / "data.json").unlink()
        facts = json.loads((run.path / "run.json").read_text())
        facts["data"]["dev"]["hash"] = "0123"
        run.write_facts(facts)
    else:
        data = json.loads((run.path / "data.json").read_text())
        data["dev"]["hash"] = "0123"
        run.write_data(data)
    with pytest.raises(ConfigError, match=r"dev\.hash is .* expected '0123' as before"):
        train_run(recipes["majority"], task_data, run.path, resume=True)


def test_other_pairs_under_the_same_names_are_refused_and_the_record_stays(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    run = train_run(recipes["majority"], task_data, tmp_path / "run")
    split = dataclasses.replace(task_data.train, text_only=True)
    paired = dataclasses.replace(task_data, parallel=ParallelText(split, IdSplit(0.5, 0), None))
    data = data_facts(paired, recipes["majority"])
    run.write_data(data | {"pairs": data["pairs"] | {"hash": "0123"}})
    before = files(run.path)
    plan = RunPlan(run, recipes["majority"], task_data.task, data)
    with pytest.raises(ConfigError, match=r"pairs\.hash is .* expected '0123' as before"):
        nothing_left_to_do(plan, resume=True)
    assert files(run.path) == before
    run.write_data(data)
    assert nothing_left_to_do(plan, resume=True)


def test_a_run_of_an_earlier_version_goes_on(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        train_run(recipes["encoder"], task_data, tmp_path / "run", observer=Stopped())
    (tmp_path / "run" / "data.json").unlink()
    assert train_run(recipes["encoder"], task_data, tmp_path / "run", resume=True).finished


@pytest.mark.parametrize(
    ("model", "training", "message"),
    [
        ({}, {"report_to": ["nonsense"]}, "unknown 'nonsense'"),
        ({"config": {"model_type": "bert", "hidden_size": 97}}, {}, "model.config: .*97"),
    ],
)
def test_a_run_that_fails_before_its_first_step_leaves_nothing(
    model: dict[str, object],
    training: dict[str, object],
    message: str,
    recipes: dict[str, Recipe],
    task_data: TaskData,
    tmp_path: Path,
) -> None:
    values = changed(recipes["encoder"], **model).model_dump(mode="json")
    values["training"] |= training
    with pytest.raises(ConfigError, match=message):
        train_run(parse_recipe(values, "wrong"), task_data, tmp_path / "out" / "seed-0")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_was_there_stays_and_event_files_are_no_other_files(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    (tmp_path / "tensorboard").mkdir()
    wrong = changed(recipes["encoder"], config={"model_type": "bert", "hidden_size": 97})
    with pytest.raises(ConfigError, match="97"):
        train_run(wrong, task_data, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["tensorboard"]
    assert train_run(recipes["majority"], task_data, tmp_path).finished


def test_facts_that_lack_what_they_promise_are_told(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    run = train_run(recipes["majority"], task_data, tmp_path / "run")
    run.write_facts({})
    with pytest.raises(MassiveKitError, match=r"run\.json lacks kind, title, recipe"):
        RunFolder(run.path).facts()
    written = yaml.safe_load((run.path / "task.yaml").read_text())
    assert run.task() == written


def test_a_run_goes_on_under_its_own_span_scheme_only(
    touching_task: TaskData, tmp_path: Path
) -> None:
    recipe = parse_recipe({"kind": "majority", "title": "small"}, "majority")
    train_run(recipe, touching_task, tmp_path / "run")
    store = touching_task.store
    under_runs = dataclasses.replace(
        store, inventory=dataclasses.replace(store.inventory, scheme="runs")
    )
    task_data = lay_task(touching_task.task, under_runs)
    with pytest.raises(ConfigError, match="labels it began with"):
        train_run(recipe, task_data, tmp_path / "run", resume=True)
