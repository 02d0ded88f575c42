"""Builds the joint model that a recipe describes."""

from __future__ import annotations

from typing import Any

from torch import nn
from transformers import PreTrainedModel

from massive_kit.data.inventory import Inventory
from massive_kit.engine.base_models import (
    base_config,
    check_vocabulary,
    most_positions,
    new_model,
    wrong_model,
)
from massive_kit.engine.encoder_bodies import cut_layers, load_body, new_body
from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel
from massive_kit.systems.encoder.recipe import EncoderModel, Freeze


def build_joint(
    recipe: EncoderModel, tokenizer: Any, inventory: Inventory, character_locales: frozenset[str]
) -> JointModel:
    """The model of an encoder recipe, with frozen parameters marked.

    Its random parts come from torch's generator.

    Raises:
        MissingDataError: The base is not there.
        ConfigError: The recipe does not fit the base.
    """
    body = _body(recipe, tokenizer)
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
    freeze(joint, recipe.freeze)
    return joint


def _body(recipe: EncoderModel, tokenizer: Any) -> PreTrainedModel:
    config = base_config(recipe, tokenizer)
    if isinstance(config, JointConfig):
        return _body_of_joint_model(recipe)
    if recipe.base is not None:
        return load_body(recipe, config, recipe.layer)
    if recipe.layer != "last":
        cut_layers(config, recipe.layer)
    return new_model(new_body, config)


def _body_of_joint_model(recipe: EncoderModel) -> PreTrainedModel:
    """The body of a model that the kit trained; its heads belong to its own labels and stay."""
    if recipe.config or recipe.layer != "last":
        key = "model.config" if recipe.config else "model.layer"
        problem = Problem("recipe", f"{key} is set", "neither config nor layer over such a base")
        raise ConfigError(
            f"{recipe.base} is a trained encoder, whose body is taken whole", [problem]
        )
    assert recipe.base is not None
    joint = JointModel.from_pretrained(recipe.base, use_safetensors=True)
    body: PreTrainedModel = joint.body
    return body


def freeze(model: JointModel, what: Freeze) -> None:
    """Marks parameters that are not trained.

    Raises:
        ConfigError: A name is not a parameter, or there are fewer layers.
    """
    body = model.body
    if what.embeddings or what.layers:
        body.get_input_embeddings().weight.requires_grad_(False)
    layers = body_layers(model)
    problems = []
    if what.layers > len(layers):
        problems.append(
            Problem("recipe", f"freeze.layers is {what.layers}", f"at most {len(layers)}")
        )
    if what.layers:
        above = {id(p) for layer in layers[what.layers :] for p in layer.parameters()}
        # A norm after the last layer is above all of them.
        norms = {
            id(p)
            for name, p in body.named_parameters()
            if "final" in name or name.startswith(("norm.", "encoder.norm."))
        }
        for parameter in body.parameters():
            if id(parameter) not in above | norms:
                parameter.requires_grad_(False)
    by_name = dict(body.named_parameters())
    for name in what.parameters:
        if name in by_name:
            by_name[name].requires_grad_(False)
        else:
            problems.append(Problem("recipe", f"freeze.parameters: no parameter {name!r}"))
    if problems:
        raise ConfigError("the recipe does not fit the model", problems)


def body_layers(model: JointModel) -> nn.ModuleList:
    """The layers of the body, lowest first.

    Raises:
        ConfigError: The body has no list of layers.
    """
    count = model.body.config.num_hidden_layers
    for module in model.body.modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return module
    raise wrong_model(f"{type(model.body).__name__} shows no list of {count} layers")
