"""A run labels text, and what is trained on that knows the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.errors import ConfigError, UsageError
from massive_kit.runs.as_submission import known_of_run
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import check_run, run_resources
from massive_kit.runs.loading import load_system
from massive_kit.runs.pseudo_labelling import RunTeacher, pseudo_label
from massive_kit.runs.training import train_run
from massive_kit.schema.task import Task, load_task
from massive_kit.systems.interface import ConfidentSystem, Utterance
from massive_kit.systems.recipes import parse_recipe
from tests.small_systems import BODY

UTTERANCES = [
    Utterance("1", "en-US", "wake me up at five", ["wake", "me", "up", "at", "five"]),
    Utterance("2", "en-US", "stop", ["stop"]),
]


@pytest.fixture(scope="module")
def teacher(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """An encoder that has hardly learnt English."""
    training = {"epochs": 0.1, "batch_tokens": 1024, "evaluations": 1, "dev_rows": 2}
    model = {"config": BODY, "tokenizer": {"vocabulary": 500}}
    values: dict[str, Any] = {"kind": "encoder", "title": "t", "model": model, "training": training}
    task_data = lay_task(load_task("demo-zeroshot"), demo_store)
    out = tmp_path_factory.mktemp("teacher") / "run"
    return train_run(parse_recipe(values, "t"), task_data, out)


def allowing(*resources: str) -> Task:
    return Task.model_validate(load_task("demo-zeroshot").model_dump() | {"allow": resources})


def test_an_encoder_says_how_sure_it_is(teacher: RunFolder) -> None:
    system = load_system(teacher.path)
    assert isinstance(system, ConfidentSystem)
    said = [*system.predict_confidently(UTTERANCES)]
    plain = [*system.predict(UTTERANCES)]
    assert [one.prediction for one in said] == plain
    assert all(0 < one.confidence < 1 for one in said)
    # Cuts of another kind of tokenizer have no probabilities.
    with pytest.raises(ConfigError, match="unigram"):
        [*system.predict_confidently(UTTERANCES, smoothing=0.3)]


def test_a_round_is_a_store_and_a_run_that_knows_the_run_before(
    teacher: RunFolder, demo_store: Store, tmp_path: Path
) -> None:
    locales = ["sw-KE", "ja-JP"]
    made = pseudo_label(
        demo_store,
        teacher.path,
        tmp_path / "made",
        name="made",
        locales=locales,
        rows=20,
        share=0.5,
    )
    store = made.store
    assert 0 < store.rows("train", ["sw-KE"]) <= 20
    recipe = parse_recipe({"kind": "majority", "title": "m"}, "m")

    def trained(task: Task, out: Path) -> RunFolder:
        return train_run(recipe, lay_task(task, demo_store, store), out)

    with pytest.raises(ConfigError, match="unlabelled-text was used") as caught:
        trained(allowing(), tmp_path / "refused")
    assert "sw-KE" in str(caught.value)
    run = trained(allowing("unlabelled-text"), tmp_path / "run")
    (parent,) = run.facts()["parents"]
    assert parent["run"] == str(teacher.path)
    assert {used.resource for used in run_resources(run)} == {"target-labels", "unlabelled-text"}
    assert run.facts()["data"]["train"]["locales"] == ["en-US", "sw-KE", "ja-JP"]
    # Labels that a run made are none of these languages' own, so that their text is named.
    assert known_of_run(run)["resources"] == ["unlabelled-text"]
    # A second round has learnt no more languages' labels than the first.
    of_labels = [used for used in run_resources(run) if used.resource == "target-labels"]
    assert {used.locales for used in of_labels} == {("en-US",)}


def test_a_run_that_was_selected_on_other_labels_hands_that_on(
    teacher: RunFolder, demo_store: Store, tmp_path: Path
) -> None:
    made = pseudo_label(
        demo_store, teacher.path, tmp_path / "made", name="made", locales=["sw-KE"], rows=5
    )
    recipe = parse_recipe({"kind": "majority", "title": "m"}, "m")
    task_data = lay_task(allowing("unlabelled-text"), demo_store, made.store)
    run = train_run(recipe, task_data, tmp_path / "run")
    check_run(run, task_data)
    # The teacher's checkpoints were selected on the dev sets of all locales.
    values = task_data.task.model_dump() | {"setting": "zero-shot-strict"}
    values["dev"] = {"partition": "dev", "locales": ["en-US"]}
    strict = lay_task(Task.model_validate(values), demo_store, made.store)
    with pytest.raises(ConfigError, match="selected on labels of af-ZA"):
        check_run(run, strict)


def test_what_is_not_sure_gives_its_labels_as_they_are(
    runs: dict[str, Path], demo_store: Store, tmp_path: Path
) -> None:
    made = pseudo_label(
        demo_store, runs["majority"], tmp_path / "made", name="m", locales=["sw-KE"], rows=7
    )
    assert made.store.rows("train", ["sw-KE"]) == 7
    choices: tuple[dict[str, Any], ...] = ({"confidence": 0.5}, {"share": 0.5}, {"agreement": 0.3})
    for choice in choices:
        with pytest.raises(UsageError, match="does not say how sure it is; leave --confidence"):
            pseudo_label(demo_store, runs["majority"], tmp_path / "more", name="m", **choice)


def test_a_teacher_has_learnt_some_languages(teacher: RunFolder) -> None:
    assert RunTeacher.load(teacher.path).sources == ("en-US",)


def test_the_command_writes_a_store(
    teacher: RunFolder, demo_store: Store, task_data: TaskData
) -> None:
    del task_data
    command = ["data", "derive", "pseudo-label", "--run", str(teacher.path), "--data", "demo"]
    command += ["--locale", "sw-KE", "--rows", "5", "--name", "guessed", "--format", "json"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert '"taken": 5' in result.stdout
    assert demo_store.name == "demo"
