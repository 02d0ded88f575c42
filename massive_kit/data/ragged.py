"""Rows of different lengths that stand in one flat array, one behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def flat(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The values of all rows, and where each row begins; shape (n + 1,)."""
    lengths = [len(row) for row in rows]
    values = np.fromiter((i for row in rows for i in row), np.int32, sum(lengths))
    return values, offsets_of(np.array(lengths, np.int64))


def offsets_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of n rows begins, and where the last one ends; shape (n + 1,)."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def rows_of(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each value in the flat array the row that it stands in."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def places(offsets: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places in the flat array of all values of some rows, row by row."""
    lengths = offsets[rows + 1] - offsets[rows]
    starts = offsets_of(lengths)
    return np.arange(starts[-1]) + np.repeat(offsets[rows] - starts[:-1], lengths)


def cut(
    values: NDArray[Any], offsets: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Some rows alone, as flat values and offsets of their own."""
    return values[places(offsets, rows)], offsets_of(offsets[rows + 1] - offsets[rows])
