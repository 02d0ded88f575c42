"""The dev set shared out over the processes of a run: each predicts its part, all get the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from accelerate.utils import gather_object
from numpy.typing import NDArray

from massive_kit.data.ragged import places


@dataclass(frozen=True, slots=True)
class RowValues:
    """What is predicted for n rows.

    Attributes:
        per_row: Shape (n,), one value per row.
        ragged: Flat, any number of values per row, one row after the other.
    """

    per_row: NDArray[Any]
    ragged: NDArray[Any]


@dataclass(frozen=True, slots=True)
class DevShare:
    """One process's part of a dev set.

    Attributes:
        rows: The rows that this process predicts, ascending.
        offsets: Shape (n + 1,), where the ragged values of each row of the whole set begin.
        shared: Whether other processes predict other rows.
    """

    rows: NDArray[np.int64]
    offsets: NDArray[np.int64]
    shared: bool

    @classmethod
    def of(
        cls, lengths: NDArray[np.int64], offsets: NDArray[np.int64], *, rank: int, world: int
    ) -> DevShare:
        """The part of process `rank` of `world`, as long in sum as the others' parts."""
        order = np.argsort(lengths, kind="stable")
        return cls(np.sort(order[rank::world]), offsets, shared=world > 1)

    def joined(self, values: RowValues) -> RowValues:
        """Values for the whole set, the same in every process.

        Args:
            values: Those of this process's rows. Every process has to call this.
        """
        if not self.shared:
            return values
        count = len(self.offsets) - 1
        per_row = np.empty(count, values.per_row.dtype)
        ragged = np.empty(self.offsets[-1], values.ragged.dtype)
        for rows, part in gather_object([(self.rows, values)]):
            per_row[rows] = part.per_row
            ragged[places(self.offsets, rows)] = part.ragged
        return RowValues(per_row, ragged)
