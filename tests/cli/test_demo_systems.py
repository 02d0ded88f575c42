"""What the demo's zero-shot systems may see, they see, and no more."""

from __future__ import annotations

from massive_kit.cli.demo_systems import SYSTEMS
from massive_kit.data.opening import open_task
from massive_kit.data.parallel_text import check_overlap
from massive_kit.data.resources import used_resources
from massive_kit.data.split import DataSplit
from massive_kit.runs.training import training_data
from massive_kit.systems.recipes import load_recipe


def ids_of(split: DataSplit) -> set[str]:
    return {*split.read(["id"]).column("id").to_pylist()}


def test_pairs_lend_no_labels_and_nothing_scored_is_in_a_pair() -> None:
    (system,) = [system for system in SYSTEMS if system.base is not None]
    assert system.base is not None
    task_data = open_task(system.task, "demo")
    recipe, base_recipe = (
        load_recipe(name, changes)
        for name, changes in ((system.recipe, system.changes), (system.base.recipe, []))
    )
    labelled = training_data(recipe, task_data)
    assert labelled.parallel is not None
    pairs = training_data(base_recipe, task_data).train
    assert pairs.text_only
    assert ids_of(pairs) == ids_of(labelled.parallel.split)
    assert len(pairs.locales) == 52
    # English labels of the other ids alone, and English alone selects.
    assert labelled.train.locales == labelled.dev.locales == ("en-US",)
    assert ids_of(pairs) | ids_of(labelled.train) == ids_of(task_data.train)
    for split in (labelled.train, task_data.dev, task_data.test):
        assert not ids_of(pairs) & ids_of(split)
    check_overlap([*used_resources(labelled), labelled.parallel.used()], labelled.train)


def test_what_is_shown_beside_another_comes_after_it() -> None:
    names = [system.name for system in SYSTEMS]
    for system in SYSTEMS:
        assert system.before is None or names.index(system.before) < names.index(system.name)
