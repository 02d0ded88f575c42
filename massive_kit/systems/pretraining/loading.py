"""What is pre-trained predicts nothing."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from massive_kit.errors import UsageError
from massive_kit.systems.pretraining.recipe import PretrainingRecipe


def load(folder: Path, recipe: PretrainingRecipe) -> NoReturn:
    """Says so.

    Raises:
        UsageError: Always.
    """
    base, architecture = folder.parent, recipe.model.architecture
    raise UsageError(
        f"{base} is a pre-trained {architecture}, which has learnt no labels and predicts none;"
        f" train a recipe on top of it: -o model.base={base}"
    )
