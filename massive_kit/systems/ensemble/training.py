"""Nothing trains an ensemble."""

from __future__ import annotations

from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.ensemble.recipe import EnsembleRecipe
from massive_kit.systems.kind import Preparation


def prepare(recipe: EnsembleRecipe, task_data: TaskData, session: None) -> Preparation:
    """Says how such a system is made.

    Raises:
        ConfigError: Always.
    """
    del task_data, session
    problem = Problem(
        "recipe",
        f"kind is {recipe.kind}",
        "a kind that is trained, such as encoder",
        "train each member, then `massive-kit ensemble RUN... --out DIR`",
    )
    raise ConfigError("an ensemble is not trained", [problem])
