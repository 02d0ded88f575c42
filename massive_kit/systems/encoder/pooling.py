"""One vector of an utterance, out of those of its subwords."""

from __future__ import annotations

import torch
from torch import Tensor


def pool(hidden: Tensor, mask: Tensor, pooling: str) -> Tensor:
    """Shape (batch, width).

    Args:
        hidden: Shape (batch, subwords, width).
        mask: Shape (batch, subwords), which subwords count.
        pooling: first, mean or max.
    """
    if pooling == "first":
        return hidden[:, 0]
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    if pooling == "max":
        # Out of place: the slot head reads the same hidden states.
        lowest = torch.finfo(hidden.dtype).min
        return hidden.masked_fill(weights == 0, lowest).amax(dim=1)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)


def pool_packed(
    hidden: Tensor,
    mask: Tensor,
    row_numbers: Tensor,
    row_positions: Tensor,
    count: int,
    pooling: str,
) -> Tensor:
    """The same of rows that stand in sequences: shape (count, width).

    Args:
        hidden: Shape (sequences, subwords, width).
        mask: Shape (sequences, subwords), which subwords count.
        row_numbers: The same, which row a subword is of; `count` where it is of none.
        row_positions: The same, the place of a subword within its row.
        count: How many rows there are.
        pooling: first, mean or max.
    """
    # One more row takes what fills sequences up.
    shape = (count + 1, hidden.shape[-1])
    rows = row_numbers.flatten()
    if pooling == "max":
        lowest = torch.finfo(hidden.dtype).min
        counted = hidden.masked_fill(~mask.bool().unsqueeze(-1), lowest).flatten(0, 1)
        highest = hidden.new_full(shape, lowest)
        index = rows.unsqueeze(-1).expand_as(counted)
        return highest.scatter_reduce(0, index, counted, "amax")[:count]
    counts = (row_positions == 0) if pooling == "first" else mask
    # Added up in fp32, as a sum is.
    weights = counts.flatten().float().unsqueeze(-1)
    summed = weights.new_zeros(shape).index_add(0, rows, hidden.flatten(0, 1) * weights)
    sizes = weights.new_zeros(shape[0], 1).index_add(0, rows, weights)
    return (summed / sizes.clamp(min=1))[:count].to(hidden.dtype)
