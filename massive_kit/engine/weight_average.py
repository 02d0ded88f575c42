"""A running average of the trained weights, which is often better than the last of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

_FILE = "average.safetensors"


class WeightAverage:
    """An exponential average over the optimiser steps, of the trainable parameters alone.

    Attributes:
        past: Weight of the average so far in each step; early steps weigh more, so that the start
            is forgotten.
    """

    def __init__(self, model: nn.Module, past: float) -> None:
        self.past = past
        self._live = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self._average = {name: p.detach().clone() for name, p in self._live.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Takes in the weights after an optimiser step."""
        past = min(self.past, step / (step + 9))
        torch._foreach_lerp_(self._averages, self._currents, 1 - past)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model holds the average within the block, and its own weights again after it."""
        trained = [p.detach().clone() for p in self._currents]
        self.apply()
        try:
            yield
        finally:
            with torch.no_grad():
                torch._foreach_copy_(self._currents, trained)

    @torch.no_grad()
    def apply(self) -> None:
        """Leaves the average in the model."""
        torch._foreach_copy_(self._currents, self._averages)

    def save(self, folder: Path) -> None:
        """Writes the average beside a checkpoint."""
        save_file(self._average, folder / _FILE)

    def load(self, folder: Path) -> None:
        """Takes up the average of a checkpoint."""
        for name, value in load_file(folder / _FILE).items():
            self._average[name].copy_(value)

    @property
    def _averages(self) -> list[Tensor]:
        return list(self._average.values())

    @property
    def _currents(self) -> list[Tensor]:
        return [p.data for p in self._live.values()]
