"""Shapes of models, to be filled with random weights: speed does not depend on what they know."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import AutoConfig, AutoModelForSeq2SeqLM

from benchmarks.measuring.rows import BenchmarkRows
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel

_MT5_BASE = {
    "model_type": "mt5",
    "vocab_size": 250_112,
    "d_model": 768,
    "d_kv": 64,
    "d_ff": 2048,
    "num_layers": 12,
    "num_heads": 12,
    "feed_forward_proj": "gated-gelu",
}
# Shapes of models that write the labels out.
_WRITING = ("tiny-t2t", "mt5-base-t2t")
SHAPES: dict[str, dict[str, Any]] = {
    # Tells in seconds whether a benchmark runs, and nothing else.
    "tiny": {
        "model_type": "bert",
        "vocab_size": 0,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    },
    "tiny-t2t": {
        "model_type": "mt5",
        "vocab_size": 0,
        "d_model": 32,
        "d_kv": 16,
        "d_ff": 64,
        "num_layers": 2,
        "num_decoder_layers": 2,
        "num_heads": 2,
    },
    # multilingual-e5-small's.
    "small": {
        "model_type": "bert",
        "vocab_size": 250_037,
        "hidden_size": 384,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 1536,
    },
    "xlmr-base": {
        "model_type": "xlm-roberta",
        "vocab_size": 250_002,
        "hidden_size": 768,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
        "max_position_embeddings": 514,
    },
    # Its encoder alone is built, with the joint heads on it.
    "mt5-base": _MT5_BASE,
    # Encoder and decoder.
    "mt5-base-t2t": _MT5_BASE | {"num_decoder_layers": 12},
}


def writes_text(shape: str) -> bool:
    """Whether a shape is that of a text-to-text model."""
    return shape in _WRITING


def shape_config(shape: str, base: str | None, tokenizer: Any) -> Any:
    """The configuration of a model with room for a tokenizer's subwords.

    Args:
        shape: One of `SHAPES`, or `base`.
        base: The model folder that `base` means.
        tokenizer: The tokenizer.
    """
    if shape == "base":
        assert base is not None
        return AutoConfig.from_pretrained(base)
    values = dict(SHAPES[shape])
    values["vocab_size"] = max(values["vocab_size"], len(tokenizer))
    return AutoConfig.for_model(
        values.pop("model_type"),
        **values,
        pad_token_id=tokenizer.pad_token_id,
        **({"decoder_start_token_id": tokenizer.pad_token_id} if writes_text(shape) else {}),
    )


def joint_model(config: Any, rows: BenchmarkRows) -> JointModel:
    """An encoder of that shape with joint heads, in fp32 on the processor."""
    torch.manual_seed(0)
    return JointModel(
        JointConfig(
            body=config.to_dict(),
            intents=list(rows.inventory.intents),
            labels=list(rows.inventory.labels),
        )
    )


def text_model(config: Any) -> nn.Module:
    """A text-to-text model of that shape, in fp32 on the processor."""
    torch.manual_seed(0)
    model: nn.Module = AutoModelForSeq2SeqLM.from_config(config)
    return model


def body_weights(model: nn.Module) -> int:
    """Weights of a body's matrix products; embeddings are looked up, not multiplied."""
    return sum(layer.weight.numel() for layer in model.modules() if isinstance(layer, nn.Linear))


def encoder_operations(model: JointModel, lengths: NDArray[np.int64]) -> NDArray[np.float64]:
    """Floating-point operations that training each row has to take: shape (n,).

    Forwards a weight takes a multiplication and an addition for each subword, and backwards twice
    as many; so does attention, where each subword of a row meets each. Padding, heads and
    embeddings are not counted.

    Args:
        model: The model.
        lengths: Shape (n,), real subwords of each row.
    """
    config = model.body.config
    attention = 12.0 * int(config.num_hidden_layers) * int(config.hidden_size) * lengths**2
    result: NDArray[np.float64] = 6.0 * body_weights(model.body) * lengths + attention
    return result


def text_operations(
    model: Any, inputs: NDArray[np.int64], targets: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The same of a text-to-text model, for each row: shape (n,).

    What the decoder reads of an input is multiplied with each of its subwords, all else of the
    decoder, and the output over the whole vocabulary, with each of the target's. There a subword
    meets those before it.

    Args:
        model: The model.
        inputs: Shape (n,), subwords of each input.
        targets: Shape (n,), of each target.
    """
    config = model.config
    of_input = body_weights(model.encoder)
    of_target = body_weights(model.lm_head)
    for name, layer in model.decoder.named_modules():
        if isinstance(layer, nn.Linear):
            reads_input = name.endswith(("EncDecAttention.k", "EncDecAttention.v"))
            of_input += layer.weight.numel() * reads_input
            of_target += layer.weight.numel() * (not reads_input)
    met = config.num_layers * inputs.astype(np.float64) ** 2
    met += config.num_decoder_layers * (targets**2 / 2 + inputs * targets)
    attention = 12.0 * config.num_heads * config.d_kv * met
    result: NDArray[np.float64] = 6.0 * (of_input * inputs + of_target * targets) + attention
    return result
