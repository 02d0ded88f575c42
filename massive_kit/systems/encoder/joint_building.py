"""Builds the joint model that a recipe describes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedModel
from transformers.configuration_utils import PreTrainedConfig

from massive_kit.data.inventory import Inventory
from massive_kit.engine.base_models import (
    base_config,
    check_vocabulary,
    most_positions,
    new_model,
)
from massive_kit.engine.embedding_rows import grow
from massive_kit.engine.encoder_bodies import cut_layers, load_body, new_body
from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.encoder.body_cutting import with_feed_forward, with_layers
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel
from massive_kit.systems.encoder.kept_heads import keep_heads
from massive_kit.systems.encoder.recipe import EncoderModel
from massive_kit.systems.encoder.saved_vocabulary import cut_embeddings
from massive_kit.systems.freezing import freeze


def build_joint(
    recipe: EncoderModel,
    tokenizer: Any,
    inventory: Inventory,
    character_locales: frozenset[str],
    *,
    kept: NDArray[np.int32] | None = None,
    grown: bool = False,
) -> JointModel:
    """The model of an encoder recipe, with frozen parameters marked.

    Its random parts come from torch's generator.

    Args:
        recipe: What the recipe says of it.
        tokenizer: Its tokenizer.
        inventory: The labels.
        character_locales: Locales whose tokens are characters.
        kept: The ids in the base of the tokenizer's subwords, where it has some of them.
        grown: Whether the tokenizer may have special subwords that the base lacks.

    Raises:
        MissingDataError: The base is not there.
        ConfigError: The recipe does not fit the base.
    """
    config = base_config(recipe, tokenizer)
    trained = _trained(recipe, config)
    body = _body(recipe, config) if trained is None else trained.body
    if recipe.layers is not None:
        body = with_layers(body, recipe.layers)
    if recipe.feed_forward is not None:
        body = with_feed_forward(body, recipe.feed_forward)
    if kept is not None:
        cut_embeddings(body, kept)
    if grown:
        grow(body, tokenizer)
    check_vocabulary(body, tokenizer)
    longest = most_positions(body)
    joint = JointModel(
        JointConfig(
            body=body.config.to_dict(),
            intents=list(inventory.intents),
            labels=list(inventory.labels),
            pooling=recipe.pooling,
            intent_head=recipe.intent.model_dump(),
            slot_head=recipe.slots.model_dump(),
            slot_loss=recipe.slot_loss,
            label_smoothing=recipe.label_smoothing,
            placement=str(recipe.placement),
            # Texts to predict are cut where the body has no positions left.
            max_pieces=min(recipe.max_length, longest or recipe.max_length),
            character_locales=sorted(character_locales),
        ),
        body=body,
    )
    if trained is not None and recipe.heads == "base":
        keep_heads(joint, trained)
    freeze(joint.body, recipe.freeze)
    return joint


def _body(recipe: EncoderModel, config: PreTrainedConfig) -> PreTrainedModel:
    if recipe.base is not None:
        return load_body(recipe, config, recipe.layer)
    if recipe.layer != "last":
        cut_layers(config, recipe.layer)
    return new_model(new_body, config)


def _trained(recipe: EncoderModel, config: PreTrainedConfig) -> JointModel | None:
    """The base, where it is a model that the kit trained, whose body is taken whole."""
    if not isinstance(config, JointConfig):
        if recipe.heads == "base":
            base = recipe.base or "a model from scratch"
            problem = Problem(
                "recipe", f"model.heads is base, and {base} has no heads", "a run of kind: encoder"
            )
            raise ConfigError("there are no heads to keep", [problem])
        return None
    if recipe.config or recipe.layer != "last":
        key = "model.config" if recipe.config else "model.layer"
        problem = Problem("recipe", f"{key} is set", "neither config nor layer over such a base")
        raise ConfigError(
            f"{recipe.base} is a trained encoder, whose body is taken whole", [problem]
        )
    assert recipe.base is not None
    trained: JointModel = JointModel.from_pretrained(recipe.base, use_safetensors=True)
    return trained
