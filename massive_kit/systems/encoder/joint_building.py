"""Builds the joint model that a recipe describes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from huggingface_hub.errors import StrictDataclassError
from torch import nn
from transformers import AutoConfig, AutoModel, AutoModelForTextEncoding, PreTrainedModel
from transformers.configuration_utils import PreTrainedConfig

from massive_kit.data.inventory import Inventory
from massive_kit.errors import ConfigError, MassiveKitError, MissingDataError, Problem
from massive_kit.schema.recipe import EncoderModel, Freeze, Seq2SeqModel
from massive_kit.systems.encoder.joint_model import (
    JointConfig,
    JointModel,
    has_decoder,
    new_body,
    without_pooler,
)

# Below so many pieces a recipe cannot cut.
_SHORTEST = 8
_Body = TypeVar("_Body", bound=PreTrainedModel)


def build_joint(
    recipe: EncoderModel, tokenizer: Any, inventory: Inventory, character_locales: frozenset[str]
) -> JointModel:
    """The model of an encoder recipe, with frozen parameters marked.

    Its random parts come from torch's generator.

    Raises:
        MissingDataError: The base is not there.
        ConfigError: The recipe does not fit the base.
    """
    config = body_config(recipe, tokenizer)
    if recipe.layer != "last":
        _cut(config, recipe.layer)
    if recipe.base is None:
        body = built(new_body, config)
    else:
        loader = AutoModelForTextEncoding if has_decoder(config) else AutoModel
        body = without_pooler(_loaded(loader.from_pretrained, recipe, config))
    check_vocabulary(body, tokenizer)
    longest = most_pieces(body)
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


def body_config(recipe: EncoderModel | Seq2SeqModel, tokenizer: Any) -> PreTrainedConfig:
    """The configuration of the body, with the recipe's changes.

    Raises:
        MissingDataError: The base is not there.
        ConfigError: A key is none of the configuration's, or a value is wrong.
    """
    # A recipe that builds on another takes a key of it away with null.
    changes = {key: value for key, value in recipe.config.items() if value is not None}
    if recipe.base is None:
        values = changes | {
            "vocab_size": changes.get("vocab_size", len(tokenizer)),
            "pad_token_id": tokenizer.pad_token_id,
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
        }
        try:
            return AutoConfig.for_model(values.pop("model_type"), **values)
        except (ValueError, TypeError, KeyError, StrictDataclassError) as error:
            raise _wrong(" ".join(str(error).split())) from None
    try:
        config = AutoConfig.from_pretrained(recipe.base, revision=recipe.revision or "main")
    except (OSError, ValueError) as error:
        raise _missing(recipe.base, error) from None
    unknown = [key for key in changes if not hasattr(config, key)]
    if unknown:
        problems = [
            Problem("recipe", f"unknown key 'model.config.{key}'", f"a key of {config.model_type}")
            for key in unknown
        ]
        raise ConfigError("the recipe does not fit the base", problems)
    try:
        config.update(changes)
    except (ValueError, TypeError, StrictDataclassError) as error:
        raise _wrong(" ".join(str(error).split())) from None
    return config


def load_base(
    load: Callable[..., PreTrainedModel],
    recipe: EncoderModel | Seq2SeqModel,
    config: PreTrainedConfig,
) -> PreTrainedModel:
    """The pre-trained model, in fp32, from safetensors only.

    Raises:
        MissingDataError: It is not there.
        ConfigError: Its weights do not fit the configuration.
    """
    return _loaded(load, recipe, config)


def built(make: Callable[[PreTrainedConfig], _Body], config: PreTrainedConfig) -> _Body:
    """A model with random weights.

    Raises:
        ConfigError: The configuration's values do not fit together.
    """
    try:
        return make(config)
    except Exception as error:  # noqa: BLE001 - of any model's code, none of which checks its sizes
        line = str(error).strip().partition("\n")[0] or type(error).__name__
        raise _wrong(f"model.config: {line}") from None


def check_vocabulary(model: PreTrainedModel, tokenizer: Any) -> None:
    """Makes sure that each piece of the tokenizer has an embedding.

    Raises:
        ConfigError: The tokenizer has more pieces.
    """
    rows = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        found = f"the tokenizer has {len(tokenizer):,} pieces, the model {rows:,} embeddings"
        todo = "name the base's own tokenizer, or leave model.config.vocab_size out"
        problem = Problem("recipe", found, "an embedding for each piece", todo)
        raise ConfigError("the tokenizer does not fit the model", [problem])


def most_pieces(model: nn.Module) -> int | None:
    """How many pieces a model has learned positions for; `None` where it has no such table."""
    counts = []
    for name, module in model.named_modules():
        table = name.rpartition(".")[2] in {"position_embeddings", "embed_positions"}
        if table and isinstance(module, nn.Embedding):
            # RoBERTa counts from behind the padding's number, BART from an offset.
            padding = module.padding_idx
            unused = getattr(module, "offset", 0) if padding is None else padding + 1
            counts.append(module.num_embeddings - int(unused))
    return min(counts, default=None)


def check_lengths(model: nn.Module, longest: int) -> None:
    """Makes sure that the longest row of the data has positions.

    Raises:
        ConfigError: It has more pieces than the model has positions.
    """
    most = most_pieces(model)
    if most is not None and longest > most:
        found = f"the longest row has {longest:,} pieces, the model positions for {most:,}"
        todo = "raise model.config.max_position_embeddings"
        if most >= _SHORTEST:
            todo += f", or cut with -o model.max_length={most}, or model.max_input for text-to-text"
        problem = Problem("recipe", found, todo=todo)
        raise ConfigError("the training rows do not fit the model", [problem])


def freeze(model: JointModel, what: Freeze) -> None:
    """Marks parameters that are not trained.

    Raises:
        ConfigError: A name is no parameter, or there are fewer layers.
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
        # A norm behind the last layer is above all of them.
        norms = {
            id(p)
            for name, p in body.named_parameters()
            if "final" in name or name.startswith(("norm.", "encoder.norm."))
        }
        for parameter in body.parameters():
            if id(parameter) not in above | norms:
                parameter.requires_grad_(False)
    own = dict(body.named_parameters())
    for name in what.parameters:
        if name in own:
            own[name].requires_grad_(False)
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
    raise _wrong(f"{type(model.body).__name__} shows no list of {count} layers")


def _cut(config: PreTrainedConfig, layer: int) -> None:
    # A head on a lower layer needs none of the layers above it; they would only cost time.
    count = config.num_hidden_layers
    if not 0 <= layer < count:
        raise ConfigError(
            "the recipe does not fit the base",
            [Problem("recipe", f"model.layer is {layer}", f"0 to {count - 1}, or last")],
        )
    config.num_hidden_layers = layer + 1


def _loaded(
    load: Callable[..., PreTrainedModel],
    recipe: EncoderModel | Seq2SeqModel,
    config: PreTrainedConfig,
) -> PreTrainedModel:
    import torch

    assert recipe.base is not None
    try:
        return load(
            recipe.base,
            config=config,
            revision=recipe.revision or "main",
            dtype=torch.float32,
            use_safetensors=True,
        )
    except (OSError, ValueError) as error:
        raise _missing(recipe.base, error) from None
    except (RuntimeError, AssertionError) as error:
        line = str(error).strip().partition("\n")[0]
        raise _wrong(f"model.config does not fit the weights of {recipe.base}: {line}") from None


def _missing(base: str, error: Exception) -> MassiveKitError:
    line = str(error).strip().partition("\n")[0]
    return MissingDataError(
        f"the base model {base} cannot be loaded: {line}; name a folder with -o model.base=PATH"
    )


def _wrong(message: str) -> ConfigError:
    return ConfigError("the recipe's model cannot be built", [Problem("recipe", message)])
