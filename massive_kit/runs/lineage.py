"""What a run rests on: the runs it starts from (`model.base` may name one), and what they used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from massive_kit.data.lineage import UsedResource
from massive_kit.data.resources import check_allowed
from massive_kit.data.task_data import TaskData
from massive_kit.runs.folder import RunFolder
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.recipes import changed
from massive_kit.systems.trained_recipe import TrainedRecipe

# Settings whose training locales are among those scored; of runs that kept no resources.
_WITH_TARGET_LABELS = {"full", "few-shot"}


def parents(recipe: Recipe) -> tuple[RunFolder, ...]:
    """The runs that a recipe names.

    Raises:
        MissingDataError: One of them has not ended.
    """
    base = recipe.model.base if isinstance(recipe, TrainedRecipe) else None
    if base is None or not RunFolder(Path(base)).recipe_file.is_file():
        return ()
    parent = RunFolder(Path(base))
    parent.facts()
    return (parent,)


def with_parent_models(recipe: Recipe) -> Recipe:
    """The recipe with the model folder of a run in the place of the run."""
    for parent in parents(recipe):
        recipe = changed(recipe, {"model": {"base": str(parent.model)}}, "the recipe")
    return recipe


def parent_facts(recipe: Recipe) -> list[dict[str, Any]]:
    """What `run.json` says of each parent: where it is, what it is and what it started from."""
    listed = []
    for parent in parents(recipe):
        facts = parent.facts()
        kept = {name: facts[name] for name in ("title", "kind", "task", "data")}
        listed.append({"run": str(parent.path), **kept, "parents": facts.get("parents", [])})
    return listed


def inherited_resources(recipe: Recipe) -> tuple[UsedResource, ...]:
    """What the runs used that a recipe names, each with the chain that leads there."""
    return tuple(
        used.through(f"run {parent.path}")
        for parent in parents(recipe)
        for used in run_resources(parent)
    )


def run_resources(run: RunFolder) -> tuple[UsedResource, ...]:
    """What a finished run used, its parents included.

    Raises:
        MissingDataError: The run has not ended.
        MassiveKitError: `run.json` is damaged.
    """
    facts = run.facts(needs_model=False)
    kept = facts.get("resources")
    if isinstance(kept, list):
        return tuple(UsedResource.from_json(value) for value in kept)
    # Runs of earlier versions had no parents, and used nothing but labels.
    if facts.get("setting") not in _WITH_TARGET_LABELS:
        return ()
    data = facts["data"]
    by, locales = (f"store {data.get('name')}",), data.get("train", {}).get("locales", ())
    return (UsedResource("target-labels", by, data.get("shots"), tuple(locales)),)


def check_run(run: RunFolder, task_data: TaskData) -> None:
    """Refuses a run that used more than a task allows.

    Raises:
        ConfigError: With a problem for each resource, and the chain that leads to who used it.
    """
    used = (resource.through(f"run {run.path}") for resource in run_resources(run))
    check_allowed(task_data.task, used, labelled=task_data.train.locales)
