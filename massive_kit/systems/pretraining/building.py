"""Builds the model that a recipe of pre-training starts from."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn
from transformers import AutoModelForSeq2SeqLM, PreTrainedModel

from massive_kit.engine.base_models import base_config, check_vocabulary, load_base, new_model
from massive_kit.engine.embedding_rows import grow
from massive_kit.engine.encoder_bodies import load_body, new_body
from massive_kit.errors import MissingExtraError
from massive_kit.systems.freezing import freeze
from massive_kit.systems.kind import register_models
from massive_kit.systems.language_modelling.language_encoder import (
    LanguageEncoder,
    LanguageEncoderConfig,
)
from massive_kit.systems.language_modelling.pretrained_heads import take_over
from massive_kit.systems.pretraining.recipe import PretrainingModel


def build_model(settings: PretrainingModel, tokenizer: Any, classes: int | None) -> PreTrainedModel:
    """The model, what is not trained marked.

    Args:
        settings: What the recipe says of it.
        tokenizer: Its tokenizer, with all special subwords that the objective needs.
        classes: Of an encoder, how many labels it tells apart; `None` where they are subwords.

    Raises:
        MissingDataError: The base is not found.
        ConfigError: The recipe does not fit the base.
        MissingExtraError: Decoders need packages that are not installed.
    """
    # A base may be the model of a run.
    register_models()
    if settings.architecture == "encoder":
        return _encoder(settings, tokenizer, classes)
    if settings.architecture == "decoder":
        model: PreTrainedModel = decoder_loading().load_decoder(settings, tokenizer)
        freeze(model.base_model, settings.freeze)
        return model
    model = _text_to_text(settings, tokenizer)
    freeze(model.get_encoder(), settings.freeze)
    return model


def decoder_loading() -> ModuleType:
    """`massive_kit.systems.decoders.loading`, imported for decoders alone.

    Raises:
        MissingExtraError: It needs the extra `llm`, as no other architecture does.
    """
    try:
        return import_module("massive_kit.systems.decoders.loading")
    except ModuleNotFoundError:
        raise MissingExtraError("llm", "pre-training a decoder") from None


def takes_up_head(model: PreTrainedModel, settings: PretrainingModel, tokenizer: Any) -> bool:
    """Gives an encoder the head that its base was trained with; false where there is none.

    Args:
        model: Any model, with its whole vocabulary.
        settings: What the recipe says of it.
        tokenizer: Its tokenizer.
    """
    if not isinstance(model, LanguageEncoder) or settings.base is None:
        return False
    # An earlier run left it beside the body; others keep both in one, whose configuration knows
    # nothing of subwords that were added to the model.
    return model.head.load(Path(settings.base)) or take_over(
        model.head, settings, base_config(settings, tokenizer)
    )


def head_parameters(model: PreTrainedModel) -> dict[str, nn.Parameter]:
    """The parameters of an encoder's head, by their names within the model."""
    if not isinstance(model, LanguageEncoder):
        return {}
    return {name: p for name, p in model.named_parameters() if name.startswith("head.")}


def build_body(settings: PretrainingModel, tokenizer: Any) -> PreTrainedModel:
    """The body of an encoder, what is not trained marked; errors as of `build_model`."""
    register_models()
    config = base_config(settings, tokenizer)
    if settings.base is None:
        body = new_model(new_body, config)
    else:
        # Of a model with heads, what is below them.
        body = load_body(settings, config).base_model
    grow(body, tokenizer)
    check_vocabulary(body, tokenizer)
    freeze(body, settings.freeze)
    return body


def _encoder(settings: PretrainingModel, tokenizer: Any, classes: int | None) -> LanguageEncoder:
    body = build_body(settings, tokenizer)
    made = LanguageEncoderConfig(body=body.config.to_dict(), classes=classes)
    return LanguageEncoder(made, body)


def _text_to_text(settings: PretrainingModel, tokenizer: Any) -> PreTrainedModel:
    config = base_config(settings, tokenizer)
    if settings.base is None:
        config.decoder_start_token_id = tokenizer.pad_token_id
        model = new_model(AutoModelForSeq2SeqLM.from_config, config)
    else:
        model = load_base(AutoModelForSeq2SeqLM.from_pretrained, settings, config)
    grow(model, tokenizer)
    check_vocabulary(model, tokenizer)
    return model
