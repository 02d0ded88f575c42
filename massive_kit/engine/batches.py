"""Batches by a budget of subwords: rows of like length, or packed into sequences of one width."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset, Sampler

from massive_kit.engine.length_batches import length_batches
from massive_kit.engine.packed_batches import packed_batches, packed_size

# Rows of a window, in batches: enough for little padding, few enough that an epoch's batches stay
# random.
_WINDOW_BATCHES = 64


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """All batches of a run for one rank, epoch after epoch.

    Attributes:
        batches: Rows of each batch.
        sizes: Subwords of each batch, padding included.
        epoch_ends: How many batches have gone by at the end of each epoch.
        padding: Share of the subwords that are padding, over all ranks.
        subwords: Real subwords of the whole run, over all ranks.
    """

    batches: list[NDArray[np.int64]]
    sizes: list[int]
    epoch_ends: list[int]
    padding: float
    subwords: int


def plan_batches(
    lengths: NDArray[np.int64],
    *,
    epochs: float,
    seed: int,
    tokens: int | None = None,
    rows: int | None = None,
    rank: int = 0,
    world: int = 1,
    copies: int = 1,
    packing: int | None = None,
) -> BatchPlan:
    """Plans a run, by a budget of `tokens` per batch, or by `rows` in random order.

    Batches by a budget hold rows of like length; with `packing`, which is how many subwords a
    sequence has into which rows are packed, they hold rows of any length.

    `lengths` holds the rows `copies` times, in different segmentations; an epoch takes one of them.

    Every rank gets the same number of batches. Where the last of an epoch leaves a rank without
    rows, it gets rows of that epoch a second time, as `DistributedSampler` does.
    """
    batches: list[NDArray[np.int64]] = []
    sizes: list[int] = []
    ends: list[int] = []
    real = padded = 0
    count = len(lengths) // copies
    for epoch in range(int(np.ceil(epochs))):
        rng = np.random.default_rng([seed, epoch])
        first = count * (epoch % copies)
        epoch_lengths = lengths[first : first + count]
        groups = [
            [part + first for part in group]
            for group in _groups(epoch_lengths, rng, tokens, rows, world, packing)
        ]
        share = min(1.0, epochs - epoch)
        if share < 1:
            groups = groups[: max(1, round(len(groups) * share))]
        for group in groups:
            batches.append(group[rank])
            group_sizes = [padded_size(lengths[part], packing) for part in group]
            sizes.append(group_sizes[rank])
            real += sum(int(lengths[part].sum()) for part in group)
            padded += sum(group_sizes)
        ends.append(len(batches))
    return BatchPlan(batches, sizes, ends, 1 - real / max(1, padded), real)


def padded_size(lengths: NDArray[np.int64], packing: int | None = None) -> int:
    """Subwords of a batch of rows of some lengths, padding included."""
    if packing is None:
        return int(lengths.max()) * len(lengths)
    return packed_size(lengths, packing)


def _groups(
    lengths: NDArray[np.int64],
    rng: np.random.Generator,
    tokens: int | None,
    rows: int | None,
    world: int,
    packing: int | None,
) -> list[list[NDArray[np.int64]]]:
    """One epoch as groups of `world` batches of like size."""
    order = rng.permutation(len(lengths))
    if rows is not None:
        return _in_order([order[i : i + rows] for i in range(0, len(order), rows)], world)
    assert tokens is not None
    if packing is not None:
        sequences = max(1, tokens // packing)
        return _in_order(packed_batches(lengths, order, packing, sequences), world)
    mean = max(1.0, float(lengths.mean()) if len(lengths) else 1.0)
    window = max(1, int(_WINDOW_BATCHES * world * tokens / mean))
    groups = []
    for start in range(0, len(order), window):
        rows_here = order[start : start + window]
        # Equal lengths keep their random order.
        rows_here = rows_here[np.argsort(lengths[rows_here], kind="stable")]
        batches = length_batches(lengths, rows_here, tokens)
        while len(batches) % world:
            batches.append(batches[-1])
        groups += [batches[i : i + world] for i in range(0, len(batches), world)]
    return [groups[i] for i in rng.permutation(len(groups))]


def _in_order(batches: list[NDArray[np.int64]], world: int) -> list[list[NDArray[np.int64]]]:
    while len(batches) % world:
        batches.append(batches[len(batches) % world - 1])
    return [batches[i : i + world] for i in range(0, len(batches), world)]


class PlannedRows(Sampler[list[int]]):
    """Hands a plan to a data loader as its batch sampler."""

    def __init__(self, plan: BatchPlan) -> None:
        self.plan = plan

    def __len__(self) -> int:
        """The number of batches."""
        return len(self.plan.batches)

    def __iter__(self) -> Iterator[list[int]]:
        """The rows of one batch after the other."""
        # Arrays go through unchanged; only the type of torch's interface says list.
        return iter(self.plan.batches)  # type: ignore[arg-type]


class BatchDataset(Dataset[dict[str, torch.Tensor]]):
    """A set of which a data loader takes whole batches.

    Attributes:
        longest: Most subwords that a model sees at once.
    """

    longest: int

    def __getitem__(self, row: int) -> dict[str, Any]:
        """One row as a batch of its own."""
        return self.__getitems__(np.array([row]))

    @abstractmethod
    def __getitems__(self, rows: NDArray[np.int64]) -> dict[str, Any]:
        """A batch of rows."""
