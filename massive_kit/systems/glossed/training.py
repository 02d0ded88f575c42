"""Nothing trains a glossed run."""

from __future__ import annotations

from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.glossed.recipe import GlossedRecipe
from massive_kit.systems.kind import Preparation


def prepare(recipe: GlossedRecipe, task_data: TaskData, session: None) -> Preparation:
    """Says how such a system is made.

    Raises:
        ConfigError: Always.
    """
    del task_data, session
    problem = Problem(
        "recipe",
        f"kind is {recipe.kind}",
        "a kind that is trained, such as encoder",
        "train a run, then `massive-kit gloss RUN --lexicon PATH --out DIR`",
    )
    raise ConfigError("glosses are not trained", [problem])
