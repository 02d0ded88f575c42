"""Word embeddings with other rows."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from transformers import PreTrainedModel


def embedding_of(rows: Tensor, like: nn.Module) -> nn.Module:
    """Embeddings with the rows given, on the device of others and trained where those are."""
    new = nn.Embedding(len(rows), rows.shape[1], padding_idx=like.padding_idx, _weight=rows)
    new.weight.requires_grad_(like.weight.requires_grad)
    return new.to(like.weight.device)


def grow(model: PreTrainedModel, tokenizer: Any) -> None:
    """Gives special subwords that a tokenizer lacked at first an embedding."""
    if len(tokenizer) > len(model.get_input_embeddings().weight):
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
