"""Whether a model sees what it must not: what is still to be written, or another packed row."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.causal.packing import pack

# Short, so that the largest model is asked in a moment.
_LENGTH = 6
# Far below what another subword changes, above what rounds differently.
_MOST_NOISE = 1e-3


@torch.inference_mode()
def check_causal(model: PreTrainedModel) -> None:
    """Makes sure that no subword sees the ones after it.

    Raises:
        ConfigError: It does, as in an encoder: the answers would be read, not learned.
    """
    ids = torch.arange(_LENGTH)[None]
    other = ids.clone()
    other[0, -1] = _LENGTH
    first, second = (
        {"input_ids": row, "attention_mask": torch.ones_like(row)} for row in (ids, other)
    )
    if not _same(model, first, second, slice(0, _LENGTH - 1)):
        problem = Problem(
            "recipe",
            f"{type(model).__name__} sees the subwords that it has to write",
            "a decoder-only language model",
            "name another model.base, or train it as kind encoder",
        )
        raise ConfigError("the base is no decoder", [problem])


@torch.inference_mode()
def check_packing(model: PreTrainedModel) -> None:
    """Makes sure that no packed row sees another.

    Raises:
        ConfigError: It does: recurrent layers and some kinds of attention go beyond the mask.
    """
    rows = [np.arange(start, start + _LENGTH, dtype=np.int32) for start in (0, _LENGTH)]
    first, second = (
        pack([row, rows[1]], [row, rows[1]], width=2 * _LENGTH, pad=0).batch() for row in rows
    )
    try:
        apart = _same(model, first, second, slice(_LENGTH, 2 * _LENGTH))
    except (RuntimeError, TypeError, ValueError):
        # It knows no such mask, or no positions.
        apart = False
    if not apart:
        problem = Problem(
            "recipe",
            f"model.packing is set, and {type(model).__name__} cannot keep packed rows apart",
            "a model whose attention takes a mask of its own",
            "take it away with -o model.packing=null",
        )
        raise ConfigError("the base cannot be trained on packed rows", [problem])


def _same(
    model: PreTrainedModel, first: dict[str, Tensor], second: dict[str, Tensor], where: slice
) -> bool:
    """Whether a model's output for two batches is the same in some places."""
    was_training = model.training
    model.eval()
    one, other = (
        model(**{name: value for name, value in batch.items() if name != "labels"}).logits
        for batch in (first, second)
    )
    model.train(was_training)
    gap: Tensor = (one[:, where].float() - other[:, where].float()).abs().max()
    return bool(gap.item() < _MOST_NOISE)
