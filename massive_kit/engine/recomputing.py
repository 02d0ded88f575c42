"""Layers that are computed a second time in the backward pass, so that less is kept for it."""

from __future__ import annotations

from transformers import PreTrainedModel

from massive_kit.errors import ConfigError, Problem


def recompute_layers(model: PreTrainedModel, key: str = "training.gradient_checkpointing") -> None:
    """Has a model keep what goes into each layer alone, while it is trained.

    Args:
        model: The model.
        key: What of the recipe asks for it.

    Raises:
        ConfigError: Its layers cannot be computed by themselves.
    """
    # Earlier versions of `transformers` call it by its old name alone.
    name = "activation_checkpointing_enable"
    enable = getattr(model, name, None) or model.gradient_checkpointing_enable
    try:
        enable({"use_reentrant": False})
    except ValueError:
        problem = Problem(
            "recipe",
            f"{key} is true, and {type(model).__name__} cannot compute its layers a second time",
            "false",
        )
        raise ConfigError("the recipe does not fit the base", [problem]) from None
