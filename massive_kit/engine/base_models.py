"""Models to start from: pre-trained ones from a folder or hub, or new ones from a configuration.

Weights are read from safetensors or GGUF alone, and no code that comes with a model is run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from huggingface_hub.errors import StrictDataclassError
from torch import nn
from transformers import AutoConfig, PreTrainedModel
from transformers.configuration_utils import PreTrainedConfig

from massive_kit.engine.model_source import UNREADABLE, ModelSource, why_unreadable
from massive_kit.errors import ConfigError, MassiveKitError, MissingModelError, Problem
from massive_kit.schema.base_model import BaseModelSettings

# Below so many subwords a recipe cannot cut.
_SHORTEST = 8
_Body = TypeVar("_Body", bound=PreTrainedModel)


def base_config(settings: BaseModelSettings, tokenizer: Any) -> PreTrainedConfig:
    """The configuration of a model, with the recipe's changes.

    Raises:
        MissingDataError: The base is not found.
        ConfigError: A key does not belong to the configuration, or a value is wrong.
    """
    # A recipe that builds on another takes a key of it away with null.
    changes = {key: value for key, value in settings.config.items() if value is not None}
    if settings.base is None:
        values = changes | {
            "vocab_size": changes.get("vocab_size", len(tokenizer)),
            "pad_token_id": tokenizer.pad_token_id,
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
        }
        try:
            return AutoConfig.for_model(values.pop("model_type"), **values)
        except (ValueError, TypeError, KeyError, StrictDataclassError) as error:
            raise wrong_model(" ".join(str(error).split())) from None
    try:
        source = ModelSource.of(settings.base)
        config = AutoConfig.from_pretrained(
            source.name,
            revision=settings.revision or "main",
            trust_remote_code=False,
            **source.options,
        )
    except UNREADABLE as error:
        raise _missing(settings.base, error) from None
    unknown = [key for key in changes if not hasattr(config, key)]
    if unknown:
        problems = [
            Problem(
                "recipe",
                f"unknown key 'model.config.{key}'",
                f"a key of {config.model_type}",
                "take all of config away with -o model.config=null",
            )
            for key in unknown
        ]
        raise ConfigError("the recipe does not fit the base", problems)
    try:
        config.update(changes)
    except (ValueError, TypeError, StrictDataclassError) as error:
        raise wrong_model(" ".join(str(error).split())) from None
    return config


def load_base(
    load: Callable[..., PreTrainedModel],
    settings: BaseModelSettings,
    config: PreTrainedConfig,
    dtype: torch.dtype = torch.float32,
) -> PreTrainedModel:
    """The pre-trained model, from safetensors or GGUF only.

    Args:
        load: `from_pretrained` of an auto class.
        settings: Which base.
        config: Its configuration, with the recipe's changes.
        dtype: The number format of its weights.

    Raises:
        MissingDataError: It is not found.
        ConfigError: Its weights do not fit the configuration.
    """
    assert settings.base is not None
    source = ModelSource.of(settings.base)
    # A GGUF file is named; among other files only safetensors may be taken.
    weights: dict[str, Any] = source.options or {"use_safetensors": True}
    try:
        model = load(
            source.name,
            config=config,
            revision=settings.revision or "main",
            dtype=dtype,
            trust_remote_code=False,
            **weights,
        )
    except UNREADABLE as error:
        raise _missing(settings.base, error) from None
    except (RuntimeError, AssertionError) as error:
        line = str(error).strip().partition("\n")[0]
        raise wrong_model(
            f"model.config does not fit the weights of {settings.base}: {line}"
        ) from None
    return _fresh(model) if source.gguf else model


def new_model(make: Callable[[PreTrainedConfig], _Body], config: PreTrainedConfig) -> _Body:
    """A model with random weights.

    Raises:
        ConfigError: The configuration's values do not fit together.
    """
    try:
        return make(config)
    except Exception as error:  # noqa: BLE001 - of any model's code, none of which checks its sizes
        line = str(error).strip().partition("\n")[0] or type(error).__name__
        raise wrong_model(f"model.config: {line}") from None


def check_vocabulary(model: PreTrainedModel, tokenizer: Any) -> None:
    """Makes sure that each subword of the tokenizer has an embedding.

    Raises:
        ConfigError: The tokenizer has more subwords.
    """
    rows = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        mismatch = f"the tokenizer has {len(tokenizer):,} subwords, the model {rows:,} embeddings"
        todo = "name the base's own tokenizer, or leave model.config.vocab_size out"
        problem = Problem("recipe", mismatch, "an embedding per subword", todo)
        raise ConfigError("the tokenizer does not fit the model", [problem])


def most_positions(model: nn.Module) -> int | None:
    """How many subwords a model has learned positions for; `None` where it has no such table."""
    counts = []
    for name, module in model.named_modules():
        table = name.rpartition(".")[2] in {"position_embeddings", "embed_positions", "wpe"}
        if table and isinstance(module, nn.Embedding):
            # RoBERTa counts from after the padding's number, BART from an offset.
            padding = module.padding_idx
            unused = getattr(module, "offset", 0) if padding is None else padding + 1
            counts.append(module.num_embeddings - int(unused))
    return min(counts, default=None)


def check_lengths(model: nn.Module, longest: int, length_key: str) -> None:
    """Makes sure that the longest row of the data has positions.

    Args:
        model: The model.
        longest: Most subwords of a row.
        length_key: The recipe's key that caps the length of an input, for advice.

    Raises:
        ConfigError: It has more subwords than the model has positions.
    """
    most = most_positions(model)
    if most is not None and longest > most:
        mismatch = f"the longest row has {longest:,} subwords, the model has positions for {most:,}"
        todo = "raise model.config.max_position_embeddings"
        if most >= _SHORTEST:
            todo += f", or cut with -o {length_key}={most}"
        problem = Problem("recipe", mismatch, todo=todo)
        raise ConfigError("the training rows do not fit the model", [problem])


def _fresh(model: PreTrainedModel) -> PreTrainedModel:
    """The same weights in a model that can be saved; one that was read from GGUF refuses to be."""
    config = model.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    fresh = type(model)(config).to(model.dtype)
    fresh.load_state_dict(model.state_dict())
    fresh.tie_weights()
    return fresh


def _missing(base: str, error: Exception) -> MassiveKitError:
    return MissingModelError(
        f"the base model {base} cannot be loaded: {why_unreadable(base, 'config.json', error)};"
        " name a model's folder, or a model on the hub"
    )


def wrong_model(message: str) -> ConfigError:
    """What to tell where a recipe's model cannot be built."""
    return ConfigError("the recipe's model cannot be built", [Problem("recipe", message)])
