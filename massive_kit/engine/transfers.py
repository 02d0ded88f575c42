"""Ways onto the device on which nothing waits."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


def on_device(batch: Mapping[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    """A batch on its device; a GPU goes on with what it has to do while the batch travels."""
    return {name: moved(value, device) for name, value in batch.items()}


def moved(value: Tensor, device: torch.device) -> Tensor:
    """A tensor on its device, see `on_device`."""
    if device.type == "cuda" and value.device.type == "cpu":
        # From memory that the system may move, a copy would wait for the device.
        value = value.pin_memory()
    return value.to(device, non_blocking=True)
