"""What of a model keeps its pre-trained weights."""

from __future__ import annotations

import re
from collections.abc import Iterator

from torch import nn
from transformers import PreTrainedModel

from massive_kit.engine.base_models import wrong_model
from massive_kit.errors import ConfigError, Problem
from massive_kit.schema.freeze import Freeze

# In the names of norms of what the lowest layer reads.
_BELOW = re.compile("embed|projection")


def freeze(body: PreTrainedModel, what: Freeze) -> None:
    """Marks parameters that are not trained.

    Args:
        body: A stack of layers on word embeddings.
        what: What is not.

    Raises:
        ConfigError: A name is not a parameter, or there are fewer layers.
    """
    if what.embeddings or what.layers:
        body.get_input_embeddings().weight.requires_grad_(False)
    layers = body_layers(body) if what.layers else nn.ModuleList()
    problems = []
    if what.layers > len(layers):
        problems.append(
            Problem("recipe", f"freeze.layers is {what.layers}", f"at most {len(layers)}")
        )
    if what.layers:
        frozen = {id(p) for layer in layers[: what.layers] for p in layer.parameters()}
        above = {id(p) for layer in layers[what.layers :] for p in layer.parameters()}
        norms = {id(p) for p in _norms_above(body, layers)} - frozen
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


def _norms_above(body: PreTrainedModel, layers: nn.ModuleList) -> Iterator[nn.Parameter]:
    """The parameters of norms after the last layer, which are above all of them."""
    for name, parameter in body.named_parameters():
        # Some models name them before the layers.
        if "final" in name or name.startswith(("norm.", "encoder.norm.")):
            yield parameter
    path = next(name for name, module in body.named_modules() if module is layers).split(".")
    for depth, child in enumerate(path):
        parent = body.get_submodule(".".join(path[:depth]))
        # DeBERTa-v2 has a norm there for the relative positions, which all layers read.
        if hasattr(parent, "rel_embeddings"):
            continue
        names = list(dict(parent.named_children()))
        for name in names[names.index(child) + 1 :]:
            module = parent.get_submodule(name)
            if type(module).__name__.lower().endswith("norm") and not _BELOW.search(name):
                yield from module.parameters()


def body_layers(body: PreTrainedModel) -> nn.ModuleList:
    """The layers of the body, lowest first.

    Raises:
        ConfigError: The body has no list of layers.
    """
    count = body.config.num_hidden_layers
    for module in body.modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return module
    raise wrong_model(f"{type(body).__name__} shows no list of {count} layers")
