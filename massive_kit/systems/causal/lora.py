"""New LoRA adapters in a model, as a recipe says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from peft import LoraConfig
from torch import nn
from transformers import PreTrainedModel

from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.causal.recipe import CausalModel
from massive_kit.systems.decoders.adapters import add_adapter


def with_adapters(model: PreTrainedModel, settings: CausalModel) -> Any:
    """Puts new adapters into a model, freezes the rest, and returns the adapters' configuration.

    Their random parts come from torch's generator.

    Raises:
        ConfigError: The model has no layers of these names.
    """
    lora, base = settings.lora, settings.base
    assert lora is not None
    assert base is not None
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=lora.targets,
        # A run is read from anywhere.
        base_model_name_or_path=str(Path(base).absolute()) if Path(base).exists() else base,
        revision=getattr(model.config, "_commit_hash", None) or settings.revision,
    )
    try:
        add_adapter(model, config)
    except ValueError as error:
        line = str(error).strip().partition("\n")[0]
        linear = {
            name.rpartition(".")[2]
            for name, module in model.named_modules()
            if isinstance(module, nn.Linear)
        }
        problem = Problem(
            "recipe",
            f"model.lora.targets: {line}",
            f"all-linear, or some of {', '.join(sorted(linear))}",
        )
        raise ConfigError("the recipe does not fit the model", [problem]) from None
    return config
