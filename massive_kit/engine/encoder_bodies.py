"""Encoder bodies: what turns subwords into vectors, without anything on top."""

from __future__ import annotations

from typing import Any, Literal

from torch import nn
from transformers import AutoConfig, AutoModel, AutoModelForTextEncoding, PreTrainedModel
from transformers.configuration_utils import PreTrainedConfig

from massive_kit.engine.base_models import load_base
from massive_kit.errors import ConfigError, Problem
from massive_kit.schema.base_model import BaseModelSettings


class ModelOnBody(PreTrainedModel):
    """A model whose `body` is an encoder; what stands on it is a subclass's."""

    base_model_prefix = "body"
    _supports_sdpa = True
    _supports_flash_attn = True
    supports_gradient_checkpointing = True
    main_input_name = "input_ids"

    def get_input_embeddings(self) -> nn.Module:
        """The body's word embeddings."""
        embeddings: nn.Module = self.body.get_input_embeddings()
        return embeddings

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Puts other word embeddings in."""
        self.body.set_input_embeddings(value)


def body_config(values: dict[str, Any]) -> PreTrainedConfig:
    """An encoder's configuration of a mapping with `model_type`."""
    values = dict(values)
    return AutoConfig.for_model(values.pop("model_type"), **values)


def has_decoder(config: PreTrainedConfig) -> bool:
    """Whether a model is an encoder-decoder, of which an encoder system takes the encoder alone.

    The encoder of a T5, saved alone, no longer says what it is a part of.
    """
    whole = getattr(config, "is_encoder_decoder", False)
    return bool(whole) or config.model_type in {"t5", "mt5", "umt5"}


def new_body(config: PreTrainedConfig) -> PreTrainedModel:
    """An encoder with random weights; of an encoder-decoder, the encoder alone."""
    if has_decoder(config):
        body = AutoModelForTextEncoding.from_config(config)
    else:
        body = AutoModel.from_config(config)
    return without_pooler(body)


def load_body(
    settings: BaseModelSettings, config: PreTrainedConfig, layer: int | Literal["last"] = "last"
) -> PreTrainedModel:
    """The pre-trained encoder of a base; of an encoder-decoder, the encoder alone.

    Args:
        settings: Which base.
        config: Its configuration, with the recipe's changes.
        layer: The layer whose output is wanted, counted from 0; the layers above are left out.

    Raises:
        MissingDataError: It is not found.
        ConfigError: Its weights do not fit the configuration, or there is no such layer.
    """
    if layer != "last":
        cut_layers(config, layer)
    loader = AutoModelForTextEncoding if has_decoder(config) else AutoModel
    return without_pooler(load_base(loader.from_pretrained, settings, config))


def cut_layers(config: PreTrainedConfig, layer: int) -> None:
    """Leaves the layers above one out of a configuration, since they would only cost time.

    Raises:
        ConfigError: There is no such layer.
    """
    count = config.num_hidden_layers
    if not 0 <= layer < count:
        raise ConfigError(
            "the recipe does not fit the base",
            [Problem("recipe", f"model.layer is {layer}", f"0 to {count - 1}, or last")],
        )
    config.num_hidden_layers = layer + 1


def without_pooler(body: PreTrainedModel) -> PreTrainedModel:
    """The body without the pooling layer, which no head reads and no gradient reaches."""
    if getattr(body, "pooler", None) is not None:
        body.pooler = None
    return body
