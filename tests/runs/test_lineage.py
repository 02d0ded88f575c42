"""A run may start from another one; what it used is known and held to what a task allows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from massive_kit.data.opening import open_task
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.errors import ConfigError
from massive_kit.runs.as_submission import known_of_run
from massive_kit.runs.evaluating import Evaluator
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import check_run, check_run_against, run_resources
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import Task, load_task
from massive_kit.systems.recipes import parse_recipe


def on_top_of(run: Path, **training: object) -> Recipe:
    values = {
        "kind": "encoder",
        "title": "second stage",
        "model": {"base": str(run)},
        "training": {"epochs": 0.2, "batch_tokens": 1024, "evaluations": 1, "dev_rows": 2},
    }
    values["training"] |= training  # type: ignore[operator]  # a mapping, which mypy cannot see
    return parse_recipe(values, "second stage")


def test_a_run_starts_from_the_weights_of_another_and_records_it(
    runs: dict[str, Path], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = on_top_of(runs["encoder"], epochs=0.01)
    frozen = {"layers": 1, "embeddings": True}
    values = recipe.model_dump(mode="json")
    values["model"] |= {"freeze": frozen, "trim_vocabulary": False}
    run = train_run(parse_recipe(values, "frozen"), task_data, tmp_path / "run")
    first = load_file(runs["encoder"] / "model" / "model.safetensors")
    second = load_file(run.model / "model.safetensors")
    name = next(name for name in first if ".block.0." in name)
    assert torch.equal(first[name], second[name])
    (parent,) = run.facts()["parents"]
    assert parent["run"] == str(runs["encoder"])
    assert parent["title"] == "encoder"
    # The recipe keeps the run as it was named.
    assert run.recipe().model_dump()["model"]["base"] == str(runs["encoder"])


def test_a_base_that_used_more_than_the_task_allows_is_refused_with_the_chain(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    assert [used.resource for used in run_resources(RunFolder(runs["encoder"]))] == [
        "target-labels"
    ]
    zero_shot = open_task("demo-zeroshot", "demo")
    with pytest.raises(ConfigError, match="more was used than the task demo-zeroshot") as caught:
        train_run(on_top_of(runs["encoder"]), zero_shot, tmp_path / "run")
    assert f"run {runs['encoder']}, made of store demo" in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_run_is_not_scored_on_a_task_that_allows_less(runs: dict[str, Path]) -> None:
    evaluator = Evaluator(open_task("demo-zeroshot", "demo"), None, 0, 0, (), (), None)
    with pytest.raises(ConfigError, match="target-labels was used"):
        evaluator.evaluate((runs["majority"],), None)


def test_the_manifest_of_a_run_names_what_it_used_beside_its_setting(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    assert "resources" not in known_of_run(RunFolder(runs["majority"]))
    run = RunFolder(shutil.copytree(runs["majority"], tmp_path / "run"))
    used = [
        {"resource": "lexicon", "by": ["store mixed"]},
        {"resource": "target-labels", "by": ["store mixed"], "locales": ["en-US"]},
    ]
    run.facts_file.write_text(json.dumps(run.facts() | {"resources": used}))
    assert known_of_run(run)["resources"] == ["lexicon"]
    used[1]["locales"] = ["sw-KE"]
    run.facts_file.write_text(json.dumps(run.facts() | {"resources": used}))
    assert known_of_run(run)["resources"] == ["lexicon", "target-labels"]


def test_the_manifest_of_a_run_names_the_languages_whose_labels_it_learnt(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    assert known_of_run(RunFolder(runs["majority"]))["label_languages"] == ["en-US", "ja-JP"]
    run = RunFolder(shutil.copytree(runs["majority"], tmp_path / "run"))

    def learnt(*used: Mapping[str, object]) -> object:
        facts = run.facts() | {"resources": list(used)}
        run.facts_file.write_text(json.dumps(facts))
        return known_of_run(run).get("label_languages")

    source = {"resource": "target-labels", "by": ["store x"], "locales": ["en-US"]}
    parent = {"resource": "target-labels", "by": ["run y"], "locales": ["sw-KE", "en-US"]}
    assert learnt(source, parent) == ["en-US", "sw-KE"]
    assert learnt({"resource": "lexicon", "by": ["store x"]}) == []
    # Of a teacher whose labels nobody kept apart, nothing is claimed.
    assert learnt(source, {"resource": "target-labels", "by": ["run y"]}) is None


def test_runs_of_earlier_versions_are_known_by_their_training_rows(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    run = RunFolder(tmp_path / "old")
    (run.path / "model").mkdir(parents=True)
    facts = RunFolder(runs["majority"]).facts()
    del facts["resources"]
    run.facts_file.write_text(json.dumps(facts))
    (used,) = run_resources(run)
    assert (used.resource, used.locales) == ("target-labels", ("en-US", "ja-JP"))


def trained_in(locale: str, store: Store, out: Path, dev: str | None = None) -> RunFolder:
    values: dict[str, Any] = {"name": "one", "title": "One", "setting": "full", "data": ["demo"]}
    for name in ("train", "dev", "test"):
        values[name] = {"partition": name, "locales": [locale]}
    values["dev"]["locales"] = [dev or locale]
    recipe = parse_recipe({"kind": "majority", "title": "m"}, "m")
    return train_run(recipe, lay_task(Task.model_validate(values), store), out)


def test_labels_are_held_against_the_task_that_a_run_meets(
    demo_store: Store, tmp_path: Path
) -> None:
    english = trained_in("en-US", demo_store, tmp_path / "en")
    swahili = trained_in("sw-KE", demo_store, tmp_path / "sw")
    zero_shot = open_task("demo-zeroshot", "demo")
    few = lay_task(load_task("massive-few-shot"), demo_store)
    for task_data in (zero_shot, few):
        check_run(english, task_data)
        check_run_against(english, task_data.task)
    # What is a source in one task is a target in another.
    with pytest.raises(ConfigError, match="target-labels was used"):
        check_run(swahili, zero_shot)
    with pytest.raises(ConfigError, match="target-labels was used"):
        check_run_against(swahili, zero_shot.task)
    with pytest.raises(ConfigError, match="labels of a sample"):
        check_run(swahili, few)


def test_a_task_without_data_at_hand_names_locales_in_any_way(
    demo_store: Store, tmp_path: Path
) -> None:
    run = trained_in("en-US", demo_store, tmp_path / "run", dev="sw-KE")
    best = {"metric": "exact_match", "value": 0.5, "step": 3}
    run.facts_file.write_text(json.dumps(run.facts() | {"best": best}))
    values = load_task("massive-zeroshot").model_dump()
    values["train"]["locales"] = ["en_us"]
    task = Task.model_validate(values)
    # Its dev locales are a column of the language table.
    check_run_against(run, task)
    swahili = {**values, "train": values["train"] | {"locales": ["sw"]}}
    with pytest.raises(ConfigError, match="target-labels was used"):
        check_run_against(run, Task.model_validate(swahili))
    without = {**values, "dev": values["dev"] | {"without": ["sw"]}}
    with pytest.raises(ConfigError, match="selected on labels of sw-KE"):
        check_run_against(run, Task.model_validate(without))


def test_dev_labels_of_other_languages_are_more_than_a_strict_task_allows(
    demo_store: Store, tmp_path: Path
) -> None:
    run = trained_in("en-US", demo_store, tmp_path / "run", dev="sw-KE")
    strict = lay_task(load_task("massive-zeroshot-strict"), demo_store)
    # The majority system selects nothing.
    check_run(run, strict)
    facts = run.facts() | {"best": {"metric": "exact_match", "value": 0.5, "step": 3}}
    run.facts_file.write_text(json.dumps(facts))
    with pytest.raises(ConfigError, match="selected on labels of sw-KE"):
        check_run(run, strict)
    check_run(run, open_task("demo-zeroshot", "demo"))


def test_a_base_is_a_run_of_a_kind_that_fits(runs: dict[str, Path], task_data: TaskData) -> None:
    for kind in ("majority", "seq2seq"):
        with pytest.raises(ConfigError, match=f"a run of kind {kind}"):
            train_run(on_top_of(runs[kind]), task_data, Path("nowhere"))
