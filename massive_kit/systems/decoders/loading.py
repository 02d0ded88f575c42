"""Decoder-only models from a folder, a hub, a GGUF file, an adapter or a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, GenerationConfig, PreTrainedModel

from massive_kit.engine.base_models import base_config, check_vocabulary, load_base, new_model
from massive_kit.errors import ConfigError, MissingDataError, Problem
from massive_kit.schema.base_model import BaseModelSettings
from massive_kit.systems.decoders.adapters import (
    CONFIG,
    check_bases,
    is_adapter,
    load_adapter,
    merge_adapter,
    read_config,
)


def load_decoder(
    settings: BaseModelSettings, tokenizer: Any, dtype: torch.dtype = torch.float32
) -> PreTrainedModel:
    """The model that a recipe starts from; the adapter of an earlier run is a part of it.

    Args:
        settings: What the recipe says of its model.
        tokenizer: Its tokenizer.
        dtype: The number format of its weights.

    Raises:
        MissingDataError: The base is not found.
        ConfigError: The settings do not fit together.
    """
    if settings.base is not None and is_adapter(settings.base):
        # Added in fp32 whatever the format, so that the sum is the same in each.
        model = load_adapted(Path(settings.base), tokenizer, config=settings.config)
        merge_adapter(model)
        model = model.to(dtype)
    else:
        config = base_config(settings, tokenizer)
        if settings.base is None:
            model = new_model(AutoModelForCausalLM.from_config, config).to(dtype)
        else:
            model = load_base(AutoModelForCausalLM.from_pretrained, settings, config, dtype)
    check_vocabulary(model, tokenizer)
    # Answers are searched for as the recipe says; a penalty on repetition that a base brings along
    # would change them unseen.
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return model


def load_adapted(
    folder: Path,
    tokenizer: Any,
    dtype: torch.dtype = torch.float32,
    config: Mapping[str, Any] | None = None,
) -> PreTrainedModel:
    """The model in the folder of an adapter: its base, with the adapter beside the weights.

    Args:
        folder: The folder of the adapter.
        tokenizer: The tokenizer of both.
        dtype: The number format of the base's weights.
        config: Keys of the base's configuration to change.

    Raises:
        MissingDataError: The base is not where it was.
        MassiveKitError: Adapter and base do not fit together.
    """
    check_bases(folder)
    adapter = read_config(folder)
    settings = BaseModelSettings(
        base=adapter.base_model_name_or_path, revision=adapter.revision, config=dict(config or {})
    )
    try:
        model = load_decoder(settings, tokenizer, dtype)
    except MissingDataError as error:
        raise MissingDataError(
            f"the adapter in {folder} belongs to a base that is not there: {error}, or put its new"
            f" place into {folder / CONFIG}"
        ) from None
    load_adapter(folder, model, adapter)
    return model


def with_padding(tokenizer: Any) -> Any:
    """The tokenizer, which fills up with the end of a text where it has nothing else to fill up.

    Raises:
        ConfigError: It has no subword that ends a text.
    """
    if tokenizer.eos_token_id is None:
        problem = Problem(
            "recipe",
            "the tokenizer has no subword that ends a text (eos_token)",
            "a tokenizer that can end an answer",
            "name another model.tokenizer",
        )
        raise ConfigError("the tokenizer does not fit a decoder", [problem])
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer
