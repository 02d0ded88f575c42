"""Runs that a run starts from: `model.base` may name one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from massive_kit.runs.folder import RunFolder
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.recipes import changed
from massive_kit.systems.trained_recipe import TrainedRecipe


def parents(recipe: Recipe) -> tuple[RunFolder, ...]:
    """The runs that a recipe names.

    Raises:
        MissingDataError: One of them has not ended.
    """
    base = recipe.model.base if isinstance(recipe, TrainedRecipe) else None
    if base is None or not (Path(base) / "recipe.yaml").is_file():
        return ()
    parent = RunFolder(Path(base))
    parent.facts()
    return (parent,)


def parent_facts(recipe: Recipe) -> list[dict[str, Any]]:
    """What `run.json` says of each parent: where it is, what it is and what it started from."""
    listed = []
    for parent in parents(recipe):
        facts = parent.facts()
        listed.append(
            {
                "run": str(parent.path),
                "title": facts["title"],
                "task": facts["task"],
                "data": facts["data"],
                "parents": facts.get("parents", []),
            }
        )
    return listed


def with_parent_models(recipe: Recipe) -> Recipe:
    """The recipe with the model folder of a run in the place of the run."""
    for parent in parents(recipe):
        recipe = changed(recipe, {"model": {"base": str(parent.model)}}, "the recipe")
    return recipe
