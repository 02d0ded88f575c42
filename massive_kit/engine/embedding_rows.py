"""Word embeddings with other rows."""

from __future__ import annotations

from torch import Tensor, nn


def embedding_of(rows: Tensor, like: nn.Module) -> nn.Module:
    """Embeddings with the rows given, on the device of others and trained where those are."""
    new = nn.Embedding(len(rows), rows.shape[1], padding_idx=like.padding_idx, _weight=rows)
    new.weight.requires_grad_(like.weight.requires_grad)
    return new.to(like.weight.device)
