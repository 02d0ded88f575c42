"""What a training run will need, found out before it starts: memory, operations, time.

The largest batch is read to see what the backward pass has to keep and how much the process takes
for it, and one of mean size to count its operations. Nothing is trained.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode
from transformers import PreTrainedModel

from massive_kit.engine.batches import BatchPlan
from massive_kit.engine.fitting import FitInputs, batch_plan_of
from massive_kit.engine.memory import peak_memory, release_memory, resident_memory
from massive_kit.engine.objectives import Objective
from massive_kit.engine.precision import autocast
from massive_kit.engine.recomputing import recompute_layers
from massive_kit.engine.session import Session

_MEBI = 2**20
# AdamW keeps a mean and a mean square of each gradient.
_MOMENTS = 2


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a run will need; memory in bytes.

    Attributes:
        parameters: How many the model has while it is trained.
        trained: How many of them are trained.
        weights: The weights, in the format that they are kept in.
        gradients: A gradient for each trained parameter.
        optimiser: What AdamW keeps of them.
        average: The running average of the weights, twice while the dev set is scored.
        activations: What the backward pass of the largest batch keeps.
        process: The most that the process takes to read the largest batch forwards and backwards,
            where it does so on the processor: libraries, rows, weights, gradients, activations,
            and what kernels need besides.
        before: The most that the process took before, to get there.
        largest_batch: Subwords of the largest batch, padding included.
        steps: Optimiser steps of the whole run.
        epochs: Passes over the rows.
        subwords_per_epoch: Subwords of a pass, padding included.
        operations_per_epoch: Floating-point operations of a pass, forwards and backwards; a
            multiplication and an addition count as two.
    """

    parameters: int
    trained: int
    weights: int
    gradients: int
    optimiser: int
    average: int
    activations: int
    process: int
    before: int
    largest_batch: int
    steps: int
    epochs: float
    subwords_per_epoch: int
    operations_per_epoch: float

    @property
    def added(self) -> int:
        """What training adds to the weights."""
        return self.gradients + self.optimiser + self.average + self.activations

    @property
    def on_accelerator(self) -> int:
        """Memory of a device that holds model, optimiser and one batch."""
        return self.weights + self.added

    @property
    def on_cpu(self) -> int:
        """Memory of the process where it trains on the processor."""
        return max(self.before, self.process + self.optimiser + self.average)

    def hours(self, peak: float, share: float) -> float:
        """How long the operations of the whole run take.

        Args:
            peak: Operations a second that a device can do at most.
            share: The share of them that it does.
        """
        return self.operations_per_epoch * self.epochs / (peak * share) / 3600


def requirements(session: Session, inputs: FitInputs) -> Requirements:
    """What fitting will need.

    Args:
        session: The session, on this machine.
        inputs: What a kind has prepared.
    """
    plan = batch_plan_of(session, inputs, session.training)
    sizes = np.array(plan.sizes)
    epoch = plan.epoch_ends[0] if session.training.epochs >= 1 else len(plan.batches)
    share = min(1.0, session.training.epochs)
    release_memory()
    before, resident = peak_memory() * _MEBI, resident_memory()
    if session.training.gradient_checkpointing:
        recompute_layers(inputs.model)
    read = _Reading(inputs.model, inputs.objective, session.precision)
    largest = inputs.batches.__getitems__(plan.batches[int(sizes.argmax())])
    # First of all, since what was read before leaves holes in memory.
    read.step(largest)
    peak = peak_memory() * _MEBI
    activations = read.kept(largest)
    typical = int(np.abs(sizes - sizes.mean()).argmin())
    operations = read.operations(inputs.batches.__getitems__(plan.batches[typical]))
    of_epoch = int(sizes[:epoch].sum())
    parameters = list(inputs.model.parameters())
    trained = sum(p.numel() for p in parameters if p.requires_grad)
    bytes_trained = sum(p.numel() * p.element_size() for p in parameters if p.requires_grad)
    return Requirements(
        parameters=sum(p.numel() for p in parameters),
        trained=trained,
        weights=sum(p.numel() * p.element_size() for p in parameters),
        gradients=bytes_trained,
        optimiser=_MOMENTS * bytes_trained,
        average=2 * bytes_trained if session.training.average else 0,
        activations=activations,
        # Where getting here took more, the peak of the step is not seen.
        process=peak if peak > before else resident + bytes_trained + activations,
        before=before,
        largest_batch=int(sizes.max()),
        steps=_steps(plan, session.training.accumulate),
        epochs=session.training.epochs,
        subwords_per_epoch=round(of_epoch / share),
        operations_per_epoch=operations / int(sizes[typical]) * of_epoch / share,
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads single batches as training would."""

    model: PreTrainedModel
    objective: Objective
    precision: str

    def kept(self, batch: dict[str, torch.Tensor]) -> int:
        """Bytes that the backward pass of a batch would keep, beside the weights."""
        known = {p.untyped_storage().data_ptr() for p in self.model.parameters()}
        storages: dict[int, int] = {}

        def keep(tensor: torch.Tensor) -> torch.Tensor:
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in known:
                storages[storage.data_ptr()] = storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, _as_it_is):
            loss = self._loss(batch)
        total = sum(storages.values())
        del loss
        return total

    def step(self, batch: dict[str, torch.Tensor]) -> None:
        """Reads a batch forwards and backwards, for what it takes."""
        self._loss(batch).backward()
        self.model.zero_grad(set_to_none=True)

    def operations(self, batch: dict[str, torch.Tensor]) -> int:
        """Floating-point operations of a batch, forwards and backwards."""
        counter = FlopCounterMode(display=False)
        # Only what attention is made of is counted everywhere, fused kernels are not.
        with sdpa_kernel(SDPBackend.MATH), counter:
            self._loss(batch).backward()
        self.model.zero_grad(set_to_none=True)
        return int(counter.get_total_flops())

    def _loss(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        self.model.train()
        device = next(self.model.parameters()).device
        with autocast(device, self.precision):
            return self.objective(self.model, batch)


def _as_it_is(tensor: torch.Tensor) -> torch.Tensor:
    return tensor


def _steps(plan: BatchPlan, accumulate: int) -> int:
    return -(-len(plan.batches) // accumulate)
