"""Heads on an encoder that learn from text: subwords, or other labels, from hidden states."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

FILE = "language_head.safetensors"


class TextHead(nn.Module):
    """A hidden layer with a norm, and a linear layer on it, as in BERT and RoBERTa.

    Attributes:
        bias: Shape (classes,); of the last layer.
        weight: Shape (classes, width), where the classes are no subwords. Where they are, the word
            embeddings stand in its place.
    """

    def __init__(self, hidden: int, width: int, classes: int, *, tied: bool) -> None:
        super().__init__()
        self.dense = nn.Linear(hidden, width)
        self.norm = nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(classes))
        self.weight = None if tied else nn.Parameter(torch.empty(classes, width))
        for weight in (self.dense.weight, *([] if self.weight is None else [self.weight])):
            nn.init.normal_(weight, std=0.02)
        nn.init.zeros_(self.dense.bias)

    def forward(self, hidden: Tensor, embeddings: Tensor) -> Tensor:
        """Logits.

        Args:
            hidden: Shape (n, hidden).
            embeddings: Shape (at least classes, width), the word embeddings.

        Returns:
            Shape (n, classes).
        """
        states = self.norm(functional.gelu(self.dense(hidden)))
        rows = embeddings[: len(self.bias)] if self.weight is None else self.weight
        return functional.linear(states, rows, self.bias)

    def save(self, folder: Path) -> None:
        """Writes the head beside the model that it belongs to."""
        weights = {name: value.detach().cpu() for name, value in self.state_dict().items()}
        save_file(weights, folder / FILE)

    def load(self, folder: Path) -> bool:
        """Takes up the head in a folder; false where it has none of this shape."""
        try:
            weights = load_file(folder / FILE)
        except (OSError, SafetensorError):
            return False
        mine = {name: value.shape for name, value in self.state_dict().items()}
        if mine != {name: value.shape for name, value in weights.items()}:
            return False
        self.load_state_dict(weights)
        return True


def mean_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """The mean cross-entropy over labelled places; 0 where there is none, with a gradient of 0.

    Args:
        logits: Shape (n, classes).
        labels: Shape (n,), all of them labels.
    """
    total: Tensor = functional.cross_entropy(logits.float(), labels, reduction="sum")
    return total / max(1, len(labels))
