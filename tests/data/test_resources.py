"""What a system used is held to what its task allows, and a refusal shows the chain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from massive_kit import content
from massive_kit.data.lineage import Lineage, Parent, UsedResource
from massive_kit.data.resources import check_allowed, check_resources, used_resources
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.errors import ConfigError
from massive_kit.runs.training import train_run
from massive_kit.schema.resources import RESOURCES, Resource
from massive_kit.schema.task import Task, load_task
from massive_kit.systems.recipes import load_recipe

SWITCHED = Lineage("switch", {}, ("lexicon",), (Parent("demo", "a"),))
MIXED = Lineage("mix", {}, (), (Parent("demo", "a"), Parent("switched", "b", SWITCHED)))
SAMPLED = Lineage("sample", {"per_intent": 5, "partitions": ["train"]}, (), (Parent("demo", "a"),))


def laid(name: str, store: Store, lineage: Lineage | None, **changes: Any) -> TaskData:
    task = load_task(name).model_copy(update=changes)
    return lay_task(task, store, replace(store, name="own", lineage=lineage))


def problems(task_data: TaskData, *inherited: UsedResource) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        check_resources(task_data, inherited)
    return [str(problem) for problem in caught.value.problems]


def test_every_resource_is_explained() -> None:
    assert set(RESOURCES) == set(get_args(Resource))
    assert all(text.endswith(".") for text in RESOURCES.values())


def test_a_resource_of_a_grandparent_is_refused_with_the_chain(demo_store: Store) -> None:
    (problem,) = problems(laid("demo-zeroshot", demo_store, MIXED))
    assert problem == (
        "store own, made of store switched: lexicon was used (a bilingual dictionary);"
        " expected no resource beside the source labels"
        " (use other data or another base, or a task whose `allow` names the resource)"
    )
    check_resources(laid("demo-zeroshot", demo_store, MIXED, allow=["lexicon"]))
    check_resources(laid("demo-zeroshot", demo_store, None))


def test_what_a_base_used_counts_too(demo_store: Store) -> None:
    full = used_resources(laid("demo-full", demo_store, MIXED))
    assert [used.resource for used in full] == ["lexicon", "target-labels"]
    inherited = [used.through("run runs/full") for used in full]
    refused = problems(laid("demo-zeroshot", demo_store, None), *inherited)
    assert [text.split(":")[0] for text in refused] == [
        "run runs/full, made of store own, made of store switched",
        "run runs/full, made of store own",
    ]
    assert "target-labels" in refused[1]


def test_source_labels_are_no_resource(demo_store: Store) -> None:
    task_data = laid("demo-zeroshot", demo_store, None)
    (used,) = used_resources(task_data)
    assert used.locales == ("en-US",)
    check_resources(task_data, [used.through("run a")])


def test_a_few_shot_task_allows_the_labels_of_a_sample(demo_store: Store) -> None:
    few = laid("demo-full", demo_store, SAMPLED, setting="few-shot")
    (used,) = used_resources(few)
    assert (used.resource, used.by, used.shots) == ("target-labels", ("store own",), 5)
    assert used.locales == few.train.locales
    check_resources(few, [used.through("run a")])
    (problem,) = problems(few, replace(used, shots=None))
    assert "expected the labels of a sample with 5 rows per intent" in problem
    (problem,) = problems(few, replace(used, shots=9))
    assert "9 rows per intent" in problem
    check_allowed(few.task, [replace(used, shots=9)])


def test_a_task_that_says_nothing_allows_what_its_setting_is_about() -> None:
    values = load_task("demo-full").model_dump(exclude={"allow"})
    allowed = {
        setting: Task.model_validate({**values, "setting": setting}).allow
        for setting in ("full", "few-shot", "translate-train", "zero-shot", "in-context")
    }
    assert allowed == {
        "full": ["target-labels"],
        "few-shot": ["target-labels"],
        "translate-train": ["machine-translation"],
        "zero-shot": [],
        "in-context": [],
    }
    assert Task.model_validate({**values, "allow": ["lexicon"]}).allow == ["lexicon"]


def test_no_zero_shot_task_that_ships_allows_target_labels() -> None:
    for name in content.names("tasks"):
        task = load_task(name)
        labelled = {"full", "few-shot", "in-context"}
        assert ("target-labels" in task.allow) == (task.setting in labelled), name


def test_training_refuses_before_it_begins(demo_store: Store, tmp_path: Path) -> None:
    task_data = laid("demo-zeroshot", demo_store, MIXED)
    with pytest.raises(ConfigError, match="more was used than the task demo-zeroshot allows"):
        train_run(load_recipe("majority"), task_data, tmp_path / "run")
    assert not (tmp_path / "run").exists()
