"""Recipes whose runs take a second."""

from __future__ import annotations

from typing import Any

from massive_kit.systems.recipes import parse_recipe
from massive_kit.systems.trained_recipe import TrainedRecipe

SHORT = {"epochs": 1, "evaluations": 2, "dev_rows": 1, "train_rows": 60, "batch_tokens": 512}


def tiny(values: dict[str, Any], **training: Any) -> TrainedRecipe:
    values = values | {"training": values["training"] | {"average": 0.0} | SHORT | training}
    recipe = parse_recipe(values, "tiny")
    assert isinstance(recipe, TrainedRecipe)
    return recipe
