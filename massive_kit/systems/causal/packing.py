"""Several rows in one sequence, with a mask under which none of them sees another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.engine.text_rows import NO_LABEL

_NO_ROW = -1


@dataclass(frozen=True, slots=True)
class Packed:
    """Rows packed into sequences of one length.

    Attributes:
        ids: Shape (sequences, length).
        labels: As `ids`.
        row: As `ids`, the number of the row that a subword belongs to; -1 for what fills up.
        positions: As `ids`, counted from the beginning of the row.
    """

    ids: NDArray[np.int64]
    labels: NDArray[np.int64]
    row: NDArray[np.int64]
    positions: NDArray[np.int64]

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Shape (sequences, 1, length, length): whether a subword (third) sees another (fourth)."""
        same_row = self.row[:, :, None] == self.row[:, None, :]
        seen: NDArray[np.bool_] = same_row & np.tri(self.row.shape[1], dtype=np.bool_)
        return seen[:, None]

    def batch(self) -> dict[str, torch.Tensor]:
        """As a decoder takes it."""
        return {
            "input_ids": torch.from_numpy(self.ids),
            "attention_mask": torch.from_numpy(self.mask),
            "position_ids": torch.from_numpy(self.positions),
            "labels": torch.from_numpy(self.labels),
        }


def pack(
    rows: Sequence[NDArray[np.int32]],
    labels: Sequence[NDArray[np.int32]],
    *,
    width: int,
    pad: int,
) -> Packed:
    """Packs rows into as few sequences of at most `width` as the longest-first rule finds.

    A row that is longer than that gets a sequence of its own.
    """
    sequences = _assigned([len(row) for row in rows], width)
    length = max(sum(len(rows[i]) for i in sequence) for sequence in sequences)
    shape = (len(sequences), length)
    packed = Packed(
        np.full(shape, pad, np.int64),
        np.full(shape, NO_LABEL, np.int64),
        np.full(shape, _NO_ROW, np.int64),
        np.zeros(shape, np.int64),
    )
    for number, sequence in enumerate(sequences):
        start = 0
        for i in sequence:
            part = slice(start, start + len(rows[i]))
            packed.ids[number, part] = rows[i]
            packed.labels[number, part] = labels[i]
            packed.row[number, part] = i
            packed.positions[number, part] = np.arange(len(rows[i]))
            start = part.stop
    return packed


def _assigned(lengths: Sequence[int], width: int) -> list[list[int]]:
    """The rows of each sequence: each row, longest first, goes where there is room."""
    sequences: list[list[int]] = []
    room: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        for number, left in enumerate(room):
            if lengths[i] <= left:
                sequences[number].append(i)
                room[number] -= lengths[i]
                break
        else:
            sequences.append([i])
            room.append(width - lengths[i])
    return sequences
