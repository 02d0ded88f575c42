"""Encoder bodies that read several rows in one sequence, none of which sees another."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from massive_kit.errors import ConfigError, Problem

_SHORT = 6
# Of the largest number: far below what another subword changes, above what rounds differently.
_MOST_NOISE = 1e-3


def first_position(body: nn.Module) -> int | None:
    """The number of a row's first position; `None` where a body is not told positions.

    Relative positions need not be told: within a row they are the same wherever it begins.
    """
    if "position_ids" not in inspect.signature(type(body).forward).parameters:
        return None
    paddings = [
        module.padding_idx
        for name, module in body.named_modules()
        if name.rpartition(".")[2] == "position_embeddings" and isinstance(module, nn.Embedding)
    ]
    # RoBERTa counts from after the padding's number.
    return max((0 if padding is None else padding + 1 for padding in paddings), default=0)


def read_packed(
    body: nn.Module,
    input_ids: Tensor,
    row_numbers: Tensor,
    row_positions: Tensor,
    first: int | None,
    **asked: Any,
) -> Any:
    """What a body makes of packed rows.

    Args:
        body: The body.
        input_ids: Shape (sequences, width).
        row_numbers: The same, see `PackedPlaces.row`.
        row_positions: The same, see `PackedPlaces.position`.
        first: See `first_position`.
        asked: What else the body is asked for.
    """
    # What fills up sees its like, so that each subword sees one at least.
    mask = row_numbers[:, None, :, None] == row_numbers[:, None, None, :]
    if body.config._attn_implementation == "eager":  # noqa: SLF001 - nothing else tells it
        # Here it is added, as it is.
        mask = torch.zeros_like(mask, dtype=torch.float32).masked_fill(
            ~mask, torch.finfo(torch.float32).min
        )
    if first is not None:
        asked["position_ids"] = row_positions + first
    return body(input_ids=input_ids, attention_mask=mask, **asked)


def check_packing(body: PreTrainedModel, longest: int, width: int) -> None:
    """Makes sure that rows fit into sequences, and that packed ones are read as they are alone.

    Args:
        body: The body, in fp32.
        longest: Most subwords of a row.
        width: Subwords of a sequence.

    Raises:
        ConfigError: A row is longer than a sequence, or the body reads packed rows in another way:
            some kinds of attention go beyond the mask.
    """
    if longest > width:
        problem = Problem(
            "recipe",
            f"model.packing is {width}, and the longest row has {longest} subwords",
            f"at least {longest}",
            "or have longer rows cut with model.max_length",
        )
        raise ConfigError("rows are longer than the sequences they are packed into", [problem])
    try:
        alike = _reads_alike(body, longest)
    except (AssertionError, AttributeError, IndexError, RuntimeError, TypeError, ValueError):
        # It knows no such mask.
        alike = False
    if not alike:
        problem = Problem(
            "recipe",
            f"model.packing is set, and {type(body).__name__} cannot keep packed rows apart",
            "a body whose attention takes a mask of its own",
            "take it away with -o model.packing=null",
        )
        raise ConfigError("the base cannot be trained on packed rows", [problem])


@torch.inference_mode()
def _reads_alike(body: PreTrainedModel, longest: int) -> bool:
    """Whether the longest row and a short one are packed what they are alone."""
    lengths = (_SHORT, longest, _SHORT)
    total = sum(lengths)
    count = body.get_input_embeddings().num_embeddings
    # Any subwords but padding, which some bodies give no position.
    padding = body.config.pad_token_id
    ids = torch.arange(total) % (count - 1)
    ids += (ids >= padding).long() if padding is not None else 0
    rows = [row[None] for row in ids.split(lengths)]
    was_training = body.training
    body.eval()
    packed = read_packed(
        body,
        ids[None],
        torch.arange(len(lengths)).repeat_interleave(torch.tensor(lengths))[None],
        torch.cat([torch.arange(length) for length in lengths])[None],
        first_position(body),
    ).last_hidden_state
    alone = [
        body(input_ids=row, attention_mask=torch.ones_like(row)).last_hidden_state for row in rows
    ]
    body.train(was_training)
    expected = torch.cat(alone, dim=1)
    gap = (packed - expected).abs().max() / expected.abs().max()
    return bool(gap < _MOST_NOISE)
