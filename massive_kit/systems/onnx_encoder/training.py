"""Nothing trains an exported encoder."""

from __future__ import annotations

from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.kind import Preparation
from massive_kit.systems.onnx_encoder.recipe import OnnxEncoderRecipe


def prepare(recipe: OnnxEncoderRecipe, task_data: TaskData, session: None) -> Preparation:
    """Says how such a system is made.

    Raises:
        ConfigError: Always.
    """
    del task_data, session
    problem = Problem(
        "recipe",
        f"kind is {recipe.kind}",
        "a kind that is trained, such as encoder",
        "train that, then `massive-kit export onnx RUN --out DIR`",
    )
    raise ConfigError("an exported encoder is not trained", [problem])
