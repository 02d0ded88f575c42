"""Blocks: groups of numbers that describe languages, each weighted as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Grams:
    """How alike rows are by one block.

    Attributes:
        cross: All rows by those that a model is fitted to.
        diagonal: Each row with itself.
    """

    cross: Array
    diagonal: Array


class Block(Protocol):
    """What a model can weight: columns of numbers, or distances between languages."""

    @property
    def name(self) -> str:
        """For machines."""
        ...

    @property
    def title(self) -> str:
        """For people."""
        ...

    def known(self) -> NDArray[np.bool_]:
        """For each row, whether it has values at all."""
        ...

    def grams(self, fitted: Rows) -> Grams:
        """How alike rows are; nothing but the fitted rows decides on the scale."""
        ...


@dataclass(frozen=True, slots=True)
class Columns:
    """Numbers that count linearly, which makes it ridge regression.

    Attributes:
        name: For machines.
        title: For people.
        names: Of the columns.
        values: Rows by columns; NaN is unknown, and counts as the mean of the fitted rows unless
            the whole row is unknown.
        bounded: Whether they cannot go far beyond what was measured, as shares cannot.
    """

    name: str
    title: str
    names: tuple[str, ...]
    values: Array
    bounded: bool = False

    def known(self) -> NDArray[np.bool_]:
        """Rows of which any column is known."""
        return np.asarray(np.isfinite(self.values).any(axis=1))

    def grams(self, fitted: Rows) -> Grams:
        """Inner products of standardised columns, divided by their number."""
        scaled = self.standardised(fitted)
        width = scaled.shape[1]
        return Grams(scaled @ scaled[fitted].T / width, (scaled**2).sum(axis=1) / width)

    def standardised(self, fitted: Rows) -> Array:
        """Columns of mean 0 and standard deviation 1 over the fitted rows; unknown is 0."""
        values = self.values[fitted]
        known = ~np.isnan(values)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, values, 0).sum(axis=0) / count
        spread = np.sqrt((np.where(known, values - mean, 0) ** 2).sum(axis=0) / count)
        spread[spread == 0] = 1
        return np.asarray(np.nan_to_num((self.values - mean) / spread))


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Languages near each other score alike: a Gaussian kernel over distances.

    Attributes:
        name: For machines.
        title: For people.
        distances: Rows by those that may be fitted, which are the first; NaN is unknown.
        width: At which distance the kernel has fallen to 1/e.
    """

    name: str
    title: str
    distances: Array
    width: float

    def known(self) -> NDArray[np.bool_]:
        """Rows with a distance to any other."""
        others = self.distances.copy()
        np.fill_diagonal(others, np.nan)
        return np.asarray(np.isfinite(others).any(axis=1))

    def grams(self, fitted: Rows) -> Grams:
        """The kernel, 0 where a distance is unknown."""
        kernel = np.nan_to_num(np.exp(-((self.distances[:, fitted] / self.width) ** 2)))
        return Grams(kernel, np.ones(len(self.distances)))


def usable(blocks: Sequence[Block], fitted: Rows, row: int | None = None) -> tuple[Block, ...]:
    """The blocks that all fitted rows have, and the row as well, if one is given."""
    needed = fitted if row is None else np.append(fitted, row)
    return tuple(block for block in blocks if block.known()[needed].all())
