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
from benchmarks.measuring.variable_length import VariableLength
from benchmarks.measuring.workloads import Workload
from massive_kit.engine.attention_masks import known_padding
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
        operations: Floating-point operations that the rows have to take.
        seconds: From the first step to when the device is done with the last.
    """

    steps: int = 0
    rows: int = 0
    subwords: int = 0
    padded: int = 0
    operations: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Stepper:
    """Takes steps with a model.

    Attributes:
        model: On its device.
        optimiser: Of its parameters.
        work: What is trained.
        precision: bf16 or fp32.
        kit: Whether masks are made as the kit makes them, which asks the device for nothing.
        attention: What reads packed rows, where that is not the model's own attention.
    """

    model: Any
    optimiser: torch.optim.Optimizer
    work: Workload
    precision: str
    kit: bool
    attention: VariableLength | None = None

    def warm_up(self, batches: list[Rows]) -> None:
        """Takes a step on each batch, the largest first, so that memory is laid out for all.

        The first step of a shape also chooses the kernels for it, which takes a GPU longer than the
        step; a run of hours sees each shape hundreds of times.
        """
        subwords = [int(self.work.subwords[rows].sum()) for rows in batches]
        for place in np.argsort(subwords)[::-1]:
            self.step(batches[place])
        wait()

    def timed(self, batches: list[Rows], *, seconds: float, most: int | None) -> Pace:
        """Takes steps for so many seconds or so many steps, whichever ends first."""
        pace = Pace()
        start = time.perf_counter()
        for rows in _endless(batches, most):
            pace.padded += self.step(rows)
            pace.steps += 1
            pace.rows += len(rows)
            pace.subwords += int(self.work.subwords[rows].sum())
            pace.operations += float(self.work.operations[rows].sum())
            if time.perf_counter() - start > seconds:
                break
        wait()
        pace.seconds = time.perf_counter() - start
        return pace

    def step(self, rows: Rows) -> int:
        """One step on a batch; returns when the device has been told what to do.

        Returns:
            The subwords of the batch, padding included.
        """
        device = this_device()
        batch = self.work.batches.__getitems__(rows)
        if self.attention is not None:
            self.attention.prepare(batch, device)
        with (
            known_padding(batch) if self.kit else nullcontext(),
            autocast(device, self.precision),
        ):
            loss = self.model(**on_device(batch, device)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad()
        # A text-to-text model reads the one and writes the other.
        return sum(int(batch[name].numel()) for name in ("input_ids", "labels") if name in batch)


def _endless(batches: list[Rows], most: int | None) -> Iterator[Rows]:
    return islice(cycle(batches), most)
