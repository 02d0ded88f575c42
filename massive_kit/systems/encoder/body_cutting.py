"""Smaller bodies out of larger ones: some of the layers, or narrower feed-forward parts.

A student that starts from weights of its teacher learns far more than one that starts from none
(Gurgurov et al. 2025, arXiv 2505.16956).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.configuration_utils import PreTrainedConfig

from massive_kit.engine.base_models import new_model, wrong_model
from massive_kit.engine.encoder_bodies import without_pooler
from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.freezing import body_layers

# What configurations call the width of the feed-forward part.
_WIDTHS = ("intermediate_size", "hidden_dim", "d_ff")


def with_layers(body: PreTrainedModel, layers: Sequence[int]) -> PreTrainedModel:
    """A body with some of the layers of another, in their order.

    Args:
        body: The larger one.
        layers: Which, counted from 0, ascending.

    Raises:
        ConfigError: There is no such layer, or one cannot stand in the place that it gets.
    """
    count = int(body.config.num_hidden_layers)
    if layers[-1] >= count:
        problem = Problem("recipe", f"model.layers names {layers[-1]}", f"0 to {count - 1}")
        raise ConfigError("the recipe does not fit the base", [problem])
    config = deepcopy(body.config)
    types = getattr(config, "layer_types", None)
    config.num_hidden_layers = len(layers)
    if types is not None:
        config.layer_types = [types[layer] for layer in layers]
    stack = body_layers(body)
    prefix = next(f"{name}." for name, module in body.named_modules() if module is stack)
    state = body.state_dict()
    weights = {name: value for name, value in state.items() if not name.startswith(prefix)}
    for place, layer in enumerate(layers):
        old = f"{prefix}{layer}."
        weights |= {
            f"{prefix}{place}.{name.removeprefix(old)}": value
            for name, value in state.items()
            if name.startswith(old)
        }
    return _made(body, config, weights, "model.layers: the first layer of such a body is its own")


def with_feed_forward(body: PreTrainedModel, width: int) -> PreTrainedModel:
    """A body with narrower feed-forward parts: of each the units with the largest weights stay.

    A unit counts by the norm of the weights into it times that of those out of it.

    Args:
        body: The wider one.
        width: How many units stay in each layer.

    Raises:
        ConfigError: It is not narrower, or where such units are cannot be told.
    """
    config = deepcopy(body.config)
    key = next((name for name in _WIDTHS if getattr(config, name, None)), None)
    before = 0 if key is None else int(getattr(config, key))
    if key is None or not width < before:
        problem = Problem("recipe", f"model.feed_forward is {width}", f"less than {before}")
        raise ConfigError("the recipe does not fit the base", [problem])
    weights = body.state_dict()
    for prefix, layer in _named_layers(body):
        ways_in, ways_out = _feed_forward(layer, before)
        into = sum(linear.weight.detach().norm(dim=1) for linear in ways_in.values())
        (name_out, linear_out), *others = ways_out.items() or [("", None)]
        if linear_out is None or others or not ways_in or before == config.hidden_size:
            raise wrong_model(
                f"model.feed_forward: a {config.model_type} does not show which weights are those"
                " of its feed-forward parts"
            )
        score = into * linear_out.weight.detach().norm(dim=0)
        kept = torch.sort(torch.topk(score, width).indices).values
        for name, linear in ways_in.items():
            for part in ("weight", "bias") if linear.bias is not None else ("weight",):
                full = f"{prefix}{name}.{part}"
                weights[full] = weights[full][kept]
        full = f"{prefix}{name_out}.weight"
        weights[full] = weights[full][:, kept]
    setattr(config, key, width)
    return _made(body, config, weights, "model.feed_forward")


def _named_layers(body: PreTrainedModel) -> list[tuple[str, nn.Module]]:
    stack = body_layers(body)
    prefix = next(f"{name}." for name, module in body.named_modules() if module is stack)
    return [(f"{prefix}{place}.", layer) for place, layer in enumerate(stack)]


def _feed_forward(
    layer: nn.Module, width: int
) -> tuple[dict[str, nn.Linear], dict[str, nn.Linear]]:
    """The linear layers into the units and out of them, by name."""
    linears = {name: m for name, m in layer.named_modules() if isinstance(m, nn.Linear)}
    return (
        {name: linear for name, linear in linears.items() if linear.out_features == width},
        {name: linear for name, linear in linears.items() if linear.in_features == width},
    )


def _made(
    body: PreTrainedModel, config: PreTrainedConfig, weights: Mapping[str, Tensor], reason: str
) -> PreTrainedModel:
    cut = without_pooler(new_model(type(body), config))
    try:
        cut.load_state_dict(weights)
    except RuntimeError as error:
        line = str(error).strip().rpartition("\n")[2].strip()
        raise wrong_model(f"{reason}: {line}") from None
    return cut
