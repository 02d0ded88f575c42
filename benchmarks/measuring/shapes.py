"""Shapes of encoders, to be filled with random weights: speed does not depend on what they know."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from transformers import AutoConfig

from benchmarks.measuring.rows import BenchmarkRows
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel

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
    "mt5-base": {
        "model_type": "mt5",
        "vocab_size": 250_112,
        "d_model": 768,
        "d_kv": 64,
        "d_ff": 2048,
        "num_layers": 12,
        "num_heads": 12,
        "feed_forward_proj": "gated-gelu",
    },
}


def shape_config(shape: str, base: str | None, tokenizer: Any) -> Any:
    """The configuration of an encoder with room for a tokenizer's subwords.

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
        values.pop("model_type"), **values, pad_token_id=tokenizer.pad_token_id
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


def body_weights(model: JointModel) -> int:
    """Weights of the body's matrix products; embeddings are looked up, not multiplied."""
    return sum(
        layer.weight.numel() for layer in model.body.modules() if isinstance(layer, nn.Linear)
    )


def operations(model: JointModel, subwords: int, squares: int) -> float:
    """Floating-point operations that training some rows has to take.

    Forwards a weight takes a multiplication and an addition for each subword, and backwards twice
    as many; so does attention, where each subword of a row meets each. Padding, heads and
    embeddings are not counted.

    Args:
        model: The model.
        subwords: Real subwords.
        squares: The sum of the squares of the rows' lengths.
    """
    config = model.body.config
    attention = 12.0 * int(config.num_hidden_layers) * int(config.hidden_size) * squares
    return 6 * body_weights(model) * subwords + attention
