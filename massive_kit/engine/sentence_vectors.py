"""One vector of an utterance: the mean over the subwords of its text, at some layer."""

from __future__ import annotations

from typing import Any, Literal

from torch import Tensor

from massive_kit.errors import ConfigError, Problem

Layer = int | Literal["last"]


def layer_states(output: Any, layer: Layer) -> Tensor:
    """The hidden states of a layer.

    Args:
        output: What a body returns, with `hidden_states` where the layer is not the last.
        layer: Counted from 0; `last` is the body's output.

    Returns:
        Shape (batch, subwords, width).
    """
    # Before the first layer's stand the embeddings.
    states: Tensor = (
        output.last_hidden_state if layer == "last" else output.hidden_states[layer + 1]
    )
    return states


def mean_vectors(states: Tensor, mask: Tensor) -> Tensor:
    """The mean over some subwords, in fp32; shape (batch, width).

    Args:
        states: Shape (batch, subwords, width).
        mask: Shape (batch, subwords), true where a subword counts.
    """
    weights = mask.unsqueeze(-1).float()
    return (states.float() * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)


def body_vectors(body: Any, ids: Tensor, attention: Tensor, text: Tensor, layer: Layer) -> Tensor:
    """Mean vectors of texts, of a body run over them.

    Args:
        body: An encoder.
        ids: Shape (batch, subwords).
        attention: Shape (batch, subwords), true on what is no padding.
        text: Shape (batch, subwords), true on what is text.
        layer: Which layer's.
    """
    output = body(
        input_ids=ids, attention_mask=attention.long(), output_hidden_states=layer != "last"
    )
    return mean_vectors(layer_states(output, layer), text)


def check_layer(layer: Layer, body: Any, key: str) -> None:
    """Refuses a layer that a body lacks.

    Args:
        layer: The layer.
        body: The body.
        key: What of the recipe names it.

    Raises:
        ConfigError: There is no such layer.
    """
    count = int(body.config.num_hidden_layers)
    if layer != "last" and not 0 <= layer < count:
        problem = Problem("recipe", f"{key} is {layer}", f"0 to {count - 1}, or last")
        raise ConfigError("the recipe does not fit the base", [problem])
