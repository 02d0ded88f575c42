"""Scores under resampling, as `stats.npz` keeps them for comparisons without the data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.errors import MassiveKitError
from massive_kit.files.npz import read_arrays
from massive_kit.schema.metrics import MAIN_METRICS

_ARRAYS = ("replicate_keys", "replicate_scores", "replicates", "weights")
# What the names of arrays begin with that are of parts of the utterances, drawn on their own.
OF_SLOT_METHODS = "slot_method_"


@dataclass(frozen=True, slots=True)
class Replicates:
    """The main metrics of one system under resampling.

    Attributes:
        keys: What is scored: `locale:de-DE`, `average:pooled`, `average:macro_locales`,
            `average:macro_genera`; of parts of the utterances `translated` and so on.
        point: Shape (keys, 3), the scores, in the order of `MAIN_METRICS`; NaN where there is none.
        values: Shape (resamples, keys, 3), the same on each resample.
        weights: Name of the draw; only replicates with equal names may be subtracted.
    """

    keys: tuple[str, ...]
    point: NDArray[np.float64]
    values: NDArray[np.float32]
    weights: str

    def scores(self, key: str, metric: str) -> NDArray[np.float64]:
        """Shape (resamples,), a metric on each resample.

        Raises:
            KeyError: Nothing of that key is stored.
        """
        column: NDArray[np.float64] = self.values[
            :, self.position(key), MAIN_METRICS.index(metric)
        ].astype(np.float64)
        return column

    def score(self, key: str, metric: str) -> float:
        """The metric itself.

        Raises:
            KeyError: Nothing of that key is stored.
        """
        return float(self.point[self.position(key), MAIN_METRICS.index(metric)])

    def comparable(self, other: Replicates) -> bool:
        """Whether both were drawn alike, from the same ids."""
        return self.weights == other.weights and len(self.values) == len(other.values)

    def position(self, key: str) -> int:
        """The position of a key.

        Raises:
            KeyError: It is not stored.
        """
        if key not in self.keys:
            raise KeyError(key)
        return self.keys.index(key)

    def arrays(self, of: str = "") -> dict[str, NDArray[Any]]:
        """As `stats.npz` stores them; `of` is what the names of the arrays begin with."""
        arrays: tuple[NDArray[Any], ...] = (
            np.array(self.keys),
            self.point,
            self.values,
            np.array(self.weights),
        )
        return {of + name: array for name, array in zip(_ARRAYS, arrays, strict=True)}


def load_replicates(path: Path, of: str = "") -> Replicates | None:
    """The replicates in a `stats.npz`, or `None` where it was written without resampling.

    Args:
        path: The file.
        of: `OF_SLOT_METHODS` for those of the parts that `slot_method` tells apart.

    Raises:
        MissingDataError: There is no such file.
        MassiveKitError: It cannot be read.
    """
    names = [of + name for name in _ARRAYS]
    arrays = read_arrays(path, only=names, written_by="massive-kit eval --out")
    arrays = {name.removeprefix(of): array for name, array in arrays.items()}
    if "replicates" not in arrays:
        return None
    try:
        keys = tuple(map(str, arrays["replicate_keys"]))
        point, values = arrays["replicate_scores"], arrays["replicates"]
        weights = str(arrays["weights"])
    except KeyError as error:
        raise MassiveKitError(f"{path} is not a stats.npz: it lacks {error}") from None
    shape = (len(keys), len(MAIN_METRICS))
    if values.ndim != len(shape) + 1 or values.shape[1:] != shape or point.shape != shape:
        raise MassiveKitError(
            f"{path} is not a stats.npz: its replicates have shape {values.shape}"
        )
    if np.isinf(values).any() or np.isinf(point).any() or _out_of_nothing(point, values):
        raise MassiveKitError(f"{path} is not a stats.npz: its replicates are not all numbers")
    return Replicates(keys, point.astype(np.float64), values, weights)


def _out_of_nothing(point: NDArray[Any], values: NDArray[Any]) -> bool:
    """Whether a resample has a score that the whole has not."""
    return bool((np.isnan(point) & ~np.isnan(values)).any())
