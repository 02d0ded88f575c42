"""Chance that hangs on a seed and on names alone, so that it is the same in whatever batch."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from massive_kit.data.ragged import rows_of

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def uniform(seed: int, *names: ArrayLike) -> NDArray[np.float64]:
    """A number in [0, 1) for each place of some arrays of integers, which broadcast.

    The mixing is that of SplitMix64 (Steele, Lea and Flood 2014), once for each name.
    """
    state = _mixed(np.array([seed], np.int64).astype(np.uint64))
    for name in names:
        state = _mixed(state ^ (np.asarray(name, np.int64).astype(np.uint64) + _GOLDEN))
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def ranks(keys: NDArray[np.float64], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each value of a flat array among those of its row, the lowest first."""
    row = rows_of(offsets)
    places = np.empty(len(keys), np.int64)
    order = np.lexsort((keys, row))
    places[order] = np.arange(len(keys)) - offsets[row]
    return places


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = np.atleast_1d(state) + _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))
