"""Training steps, timed as a whole: nothing waits for the device between them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.measuring.device import this_device, wait
from massive_kit.engine.attention_masks import known_padding
from massive_kit.engine.batches import BatchDataset
from massive_kit.engine.precision import autocast
from massive_kit.engine.transfers import on_device

Rows = NDArray[np.int64]


@dataclass(slots=True)
class Pace:
    """What some steps read, and how long they took.

    Attributes:
        steps: How many.
        rows: Utterances.
        subwords: Real subwords.
        padded: The same with padding.
        squares: The sum of the squares of the rows' lengths.
        seconds: From the first step to when the device is done with the last.
    """

    steps: int = 0
    rows: int = 0
    subwords: int = 0
    padded: int = 0
    squares: int = 0
    seconds: float = 0.0

    def add(self, lengths: NDArray[np.int64]) -> None:
        """Counts a batch, by its rows' lengths."""
        self.steps += 1
        self.rows += len(lengths)
        self.subwords += int(lengths.sum())
        self.padded += int(lengths.max()) * len(lengths)
        self.squares += int((lengths**2).sum())


@dataclass(frozen=True, slots=True)
class Stepper:
    """Takes steps with a model.

    Attributes:
        model: On its device.
        optimiser: Of its parameters.
        data: The rows.
        lengths: Shape (n,), subwords a row.
        precision: bf16 or fp32.
        kit: Whether masks are made as the kit makes them, which asks the device for nothing.
    """

    model: Any
    optimiser: torch.optim.Optimizer
    data: BatchDataset
    lengths: NDArray[np.int64]
    precision: str
    kit: bool

    def warm_up(self, batches: list[Rows]) -> None:
        """Takes a step on each batch, the largest first, so that memory is laid out for all.

        The first step of a shape also chooses the kernels for it, which takes a GPU longer than the
        step; a run of hours sees each shape hundreds of times.
        """
        sizes = [int(self.lengths[rows].max()) * len(rows) for rows in batches]
        for place in np.argsort(sizes)[::-1]:
            self.step(batches[place])
        wait()

    def timed(self, batches: list[Rows], *, seconds: float, most: int | None) -> Pace:
        """Takes steps for so many seconds or so many steps, whichever ends first."""
        pace = Pace()
        start = time.perf_counter()
        for rows in _endless(batches, most):
            self.step(rows)
            pace.add(self.lengths[rows])
            if time.perf_counter() - start > seconds:
                break
        wait()
        pace.seconds = time.perf_counter() - start
        return pace

    def step(self, rows: Rows) -> None:
        """One step on a batch; returns when the device has been told what to do."""
        device = this_device()
        batch = self.data.__getitems__(rows)
        with (
            known_padding(batch) if self.kit else nullcontext(),
            autocast(device, self.precision),
        ):
            loss = self.model(**on_device(batch, device)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad()


def _endless(batches: list[Rows], most: int | None) -> Iterator[Rows]:
    return islice(cycle(batches), most)
