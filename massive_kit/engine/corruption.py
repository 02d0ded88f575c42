"""What text objectives make of text: what a model reads, and what it should say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.ragged import offsets_of, rows_of
from massive_kit.engine.chance import ranks, uniform
from massive_kit.engine.text_rows import TextRows


@dataclass(frozen=True, slots=True)
class Corrupted:
    """Rows of text, made into a task.

    Attributes:
        inputs: Flat, the subwords that are read.
        input_offsets: Shape (n + 1,), where each row's begin.
        labels: Flat, what should be said; `NO_LABEL` where nothing should.
        label_offsets: As `input_offsets`, of the labels.
    """

    inputs: NDArray[np.int32]
    input_offsets: NDArray[np.int64]
    labels: NDArray[np.int32]
    label_offsets: NDArray[np.int64]


class Corrupter(Protocol):
    """Makes text a task; what it draws hangs on the seed and on the rows' numbers alone."""

    @property
    def special(self) -> NDArray[np.int32]:
        """The subwords that it puts in, which stand in no text."""

    def remapped(self, table: NDArray[np.int32]) -> Corrupter:
        """The same for other subword ids: `table[old] = new`."""

    def __call__(self, rows: TextRows, seed: int) -> Corrupted:
        """Some rows as a task."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some rows of text.

    Attributes:
        of_subword: Flat, for each subword its word's place in the arrays here; -1 for none.
        sizes: Shape (w,), how many subwords each has.
        offsets: Shape (n + 1,), where each row's begin.
    """

    of_subword: NDArray[np.int64]
    sizes: NDArray[np.int64]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, rows: TextRows, *, whole: bool = True) -> Words:
        """Those of some rows; with `whole` false, each subword of a text is one."""
        row, text = rows_of(rows.offsets), rows.words >= 0
        begins = text.copy()
        if whole:
            same = (rows.words[1:] == rows.words[:-1]) & (row[1:] == row[:-1])
            begins[1:] &= ~same
        of_subword = np.where(text, np.cumsum(begins) - 1, -1)
        counts = np.bincount(row[begins], minlength=len(rows.numbers))
        sizes = np.bincount(of_subword[text], minlength=int(begins.sum()))
        return cls(of_subword, sizes, offsets_of(counts))

    def shuffled(self, rows: TextRows, seed: int) -> NDArray[np.int64]:
        """Flat, for each word its place among those of its row in an order of chance."""
        row = rows_of(self.offsets)
        places = np.arange(len(row)) - self.offsets[row]
        return ranks(uniform(seed, 0, rows.numbers[row], places), self.offsets)


@dataclass(frozen=True, slots=True)
class Ended:
    """Rows that end with one subword.

    Attributes:
        values: Flat, the subwords.
        offsets: Shape (n + 1,), where each row begins.
    """

    values: NDArray[np.int32]
    offsets: NDArray[np.int64]


def ended(values: NDArray[np.int32], offsets: NDArray[np.int64], end: int) -> Ended:
    """Rows with a subword after each that does not end with it."""
    lengths = np.diff(offsets)
    last = np.full(len(lengths), -1, np.int64)
    last[lengths > 0] = values[offsets[1:][lengths > 0] - 1]
    lacking = offsets[1:][last != end]
    return Ended(
        np.insert(values, lacking, end).astype(np.int32), offsets_of(lengths + (last != end))
    )
