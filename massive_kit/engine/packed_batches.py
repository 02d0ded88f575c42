"""Batches of rows that stand one after another in sequences of one width, without PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def packed_batches(
    lengths: NDArray[np.int64], order: NDArray[np.int64], width: int, sequences: int
) -> list[NDArray[np.int64]]:
    """Cuts rows into batches of so many sequences, all of one size but the last.

    Each row goes into the sequence with the least room that holds it. A batch ends with the first
    row that none of its sequences holds.

    Args:
        lengths: Shape (n,), subwords per row.
        order: The rows, in the order in which they are taken.
        width: Subwords of a sequence, at least as many as the longest row has.
        sequences: Most sequences of a batch.

    Returns:
        The rows of each batch, sequence by sequence, as `PackedPlaces` lays them out.
    """
    batches = []
    filling = _Filling(width, sequences)
    for row in order.tolist():
        length = int(lengths[row])
        if not filling.took(row, length):
            batches.append(filling.rows)
            filling = _Filling(width, sequences)
            filling.took(row, length)
    if len(order):
        batches.append(filling.rows)
    return batches


class _Filling:
    """Sequences that are being filled."""

    def __init__(self, width: int, sequences: int) -> None:
        self._width = width
        self._most = sequences
        self._sequences: list[list[int]] = []
        # By room, which sequences have it; of the numbers that have some, the bits.
        self._by_room: list[list[int]] = [[] for _ in range(width + 1)]
        self._rooms = 0

    @property
    def rows(self) -> NDArray[np.int64]:
        """All rows, sequence by sequence."""
        return np.array([row for sequence in self._sequences for row in sequence], np.int64)

    def took(self, row: int, length: int) -> bool:
        """Takes a row, where a sequence has room for it."""
        enough = self._rooms >> length
        if enough:
            room = length + (enough & -enough).bit_length() - 1
            number = self._by_room[room].pop()
            if not self._by_room[room]:
                self._rooms ^= 1 << room
        elif len(self._sequences) < self._most:
            number, room = len(self._sequences), self._width
            self._sequences.append([])
        else:
            return False
        self._sequences[number].append(row)
        left = room - length
        self._by_room[left].append(number)
        self._rooms |= 1 << left
        return True


def packed_size(lengths: NDArray[np.int64], width: int) -> int:
    """Subwords of the sequences that `PackedPlaces` lays rows out in, padding included."""
    return width * len(_firsts(np.cumsum(lengths), width))


@dataclass(frozen=True, slots=True)
class PackedPlaces:
    """Where the subwords of n rows stand in sequences.

    Attributes:
        row: Shape (sequences, width), the number of the row; n where there is none.
        position: The same, counted from the beginning of the row; 0 where there is none.
    """

    row: NDArray[np.int64]
    position: NDArray[np.int64]

    @classmethod
    def of(cls, lengths: NDArray[np.int64], width: int) -> PackedPlaces:
        """Those of rows one after another; the first that has no room begins a sequence.

        Args:
            lengths: Shape (n,), subwords per row.
            width: Subwords of a sequence, at least as many as the longest row has.
        """
        ends = np.cumsum(lengths)
        firsts = _firsts(ends, width)
        count = len(lengths)
        sequence = np.searchsorted(firsts, np.arange(count), side="right") - 1
        begins = ends - lengths
        # Where each row begins, counted over all sequences.
        places = sequence * width + begins - begins[firsts][sequence]
        within = np.arange(int(lengths.sum())) - np.repeat(begins, lengths)
        at = np.repeat(places, lengths) + within
        shape = (len(firsts), width)
        row, position = np.full(shape, count, np.int64), np.zeros(shape, np.int64)
        row.flat[at] = np.repeat(np.arange(count), lengths)
        position.flat[at] = within
        return cls(row, position)


def _firsts(ends: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """The first row of each sequence."""
    firsts = []
    row = begin = 0
    while row < len(ends):
        firsts.append(row)
        row = int(np.searchsorted(ends, begin + width, side="right"))
        if row == firsts[-1]:
            raise ValueError(f"a row has more than {width} subwords")
        begin = int(ends[row - 1])
    return np.array(firsts, np.int64)
