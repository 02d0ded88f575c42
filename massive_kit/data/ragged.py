"""Rows of different lengths that stand in one flat array, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Integer = TypeVar("_Integer", bound=np.integer[Any])


def flat(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The values of all rows, and where each row begins; shape (n + 1,)."""
    lengths = [len(row) for row in rows]
    values = np.fromiter((i for row in rows for i in row), np.int32, sum(lengths))
    return values, offsets_of(lengths)


def offsets_of(lengths: ArrayLike) -> NDArray[np.int64]:
    """Where each of n rows begins, and where the last one ends; shape (n + 1,)."""
    return np.concatenate([[0], np.cumsum(np.asarray(lengths, np.int64))])


@overload
def rows_of(offsets: NDArray[np.int64]) -> NDArray[np.int64]: ...
@overload
def rows_of(offsets: NDArray[np.int64], dtype: type[_Integer]) -> NDArray[_Integer]: ...
def rows_of(offsets: NDArray[np.int64], dtype: type[Any] = np.int64) -> NDArray[Any]:
    """For each value in the flat array the row that it stands in."""
    return rows_of_lengths(np.diff(offsets), dtype)


@overload
def rows_of_lengths(lengths: ArrayLike) -> NDArray[np.int64]: ...
@overload
def rows_of_lengths(lengths: ArrayLike, dtype: type[_Integer]) -> NDArray[_Integer]: ...
def rows_of_lengths(lengths: ArrayLike, dtype: type[Any] = np.int64) -> NDArray[Any]:
    """As `rows_of`, from the rows' lengths: 0 as often as the first is long, and so on."""
    counts = np.asarray(lengths, np.int64)
    return np.repeat(np.arange(len(counts), dtype=dtype), counts)


def ranges(starts: NDArray[Any], lengths: NDArray[Any]) -> NDArray[np.int64]:
    """`start, start + 1, ...` for each start, as many as its length, one after the other."""
    offsets = offsets_of(lengths)
    return np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)


def places(offsets: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places in the flat array of all values of some rows, row by row."""
    return ranges(offsets[rows], offsets[rows + 1] - offsets[rows])


def cut(
    values: NDArray[Any], offsets: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Some rows alone, as flat values and offsets of their own."""
    return values[places(offsets, rows)], offsets_of(offsets[rows + 1] - offsets[rows])
