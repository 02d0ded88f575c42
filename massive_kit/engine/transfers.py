"""Ways onto a device and back on which nothing waits."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# Batches that a device may be ahead of what is read of its results.
_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Computed:
    """What a model made of a batch, on its device.

    Attributes:
        rows: What of all it is of, as the reader counts them.
        values: One tensor or several, in formats that numpy has.
    """

    rows: NDArray[np.int64]
    values: tuple[Tensor, ...]


def on_device(batch: Mapping[str, Tensor], device: torch.device) -> dict[str, Tensor]:
    """A batch on its device; a GPU goes on with what it has to do while the batch travels."""
    return {name: moved(value, device) for name, value in batch.items()}


def moved(value: Tensor, device: torch.device) -> Tensor:
    """A tensor on its device, see `on_device`."""
    if device.type == "cuda" and value.device.type == "cpu":
        # From memory that the system may move, a copy would wait for the device.
        value = value.pin_memory()
    return value.to(device, non_blocking=True)


@dataclass(frozen=True, slots=True)
class Read:
    """The same, where numpy can read it.

    Attributes:
        rows: As they were handed in.
        values: An array for each tensor.
    """

    rows: NDArray[np.int64]
    values: tuple[NDArray[Any], ...]


def brought_back(batches: Iterable[Computed]) -> Iterator[Read]:
    """The results of batches, in order, each copied while a GPU works on the batches after it."""
    waiting: deque[_Copy] = deque()
    for batch in batches:
        waiting.append(_Copy.of(batch))
        if len(waiting) > _AHEAD:
            yield waiting.popleft().read()
    while waiting:
        yield waiting.popleft().read()


@dataclass(frozen=True, slots=True)
class _Copy:
    """Results on their way, and what tells that they are there."""

    rows: NDArray[np.int64]
    values: tuple[Tensor, ...]
    arrival: torch.cuda.Event | None

    @classmethod
    def of(cls, batch: Computed) -> _Copy:
        values = tuple(value.to("cpu", non_blocking=True) for value in batch.values)
        if not any(value.is_cuda for value in batch.values):
            return cls(batch.rows, values, None)
        arrival = torch.cuda.Event()
        arrival.record()
        return cls(batch.rows, values, arrival)

    def read(self) -> Read:
        if self.arrival is not None:
            self.arrival.synchronize()
        return Read(self.rows, tuple(value.numpy() for value in self.values))
