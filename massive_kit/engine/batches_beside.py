"""Labelled batches, each with what else a step learns from."""

from __future__ import annotations

import zlib
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from massive_kit.engine.batches import BatchDataset


class BatchesBeside(BatchDataset):
    """Labelled batches, each with others, by name, under the key `auxiliary`.

    Which others a batch gets hangs on its rows and the seed alone.

    Attributes:
        stream: Keeps the draws of a subclass apart from those of another.
    """

    stream: ClassVar[tuple[int, ...]] = ()

    def __init__(
        self, labelled: BatchDataset, others: Mapping[str, BatchDataset], seed: int
    ) -> None:
        self.labelled = labelled
        self.others = others
        self.seed = seed
        self.longest = max(labelled.longest, *(batches.longest for batches in others.values()))

    def __len__(self) -> int:
        """The number of labelled rows."""
        return len(self.labelled)

    def __getitems__(self, rows: NDArray[np.int64]) -> dict[str, Any]:
        """A batch."""
        batch: dict[str, Any] = dict(self.labelled.__getitems__(rows))
        numbers = [self.seed, *self.stream, zlib.crc32(np.asarray(rows).tobytes())]
        drawn = self.drawn(batch, np.asarray(rows), np.random.default_rng(numbers))
        batch["auxiliary"] = dict(batch.get("auxiliary", {})) | drawn
        return batch

    @abstractmethod
    def drawn(
        self, batch: Mapping[str, Any], rows: NDArray[np.int64], chance: np.random.Generator
    ) -> dict[str, Any]:
        """The others of a batch of some rows, by name."""


class BatchesWithRows(BatchesBeside):
    """Labelled batches, each with more about its own rows."""

    def drawn(
        self, batch: Mapping[str, Any], rows: NDArray[np.int64], chance: np.random.Generator
    ) -> dict[str, Any]:
        """The same rows of each."""
        del batch, chance
        return {name: others.__getitems__(rows) for name, others in self.others.items()}
