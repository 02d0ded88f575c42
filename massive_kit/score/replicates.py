"""The main metrics under resampling, as `stats.npz` keeps them for the board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class StoredReplicates:
    """Replicates of the main metrics.

    Attributes:
        keys: What is scored: `locale:de-DE`, `average:pooled` and so on.
        values: Shape (resamples, keys, 3), metrics in the order of `schema.scores.METRICS`.
        weights: Names the draw; replicates of two systems may be subtracted only if it is equal.
    """

    keys: tuple[str, ...]
    values: NDArray[np.float32]
    weights: str

    def arrays(self) -> dict[str, Any]:
        """As they stand in `stats.npz`."""
        return {
            "replicates": self.values,
            "replicate_keys": np.array(self.keys),
            "weights": np.array(self.weights),
        }
