"""The dev set shared out over the processes of a run: each predicts its part, all get the whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from accelerate.utils import gather_object
from numpy.typing import NDArray

from massive_kit.data.ragged import places
from massive_kit.systems.encoder.inference import Predicted


@dataclass(frozen=True, slots=True)
class DevShare:
    """One process's part of a dev set.

    Attributes:
        rows: The rows that this process predicts, ascending.
        token_offsets: Shape (n + 1,), where the tokens of each row of the whole set begin.
        shared: Whether other processes predict other rows.
    """

    rows: NDArray[np.int64]
    token_offsets: NDArray[np.int64]
    shared: bool

    @classmethod
    def of(
        cls, lengths: NDArray[np.int64], token_offsets: NDArray[np.int64], *, rank: int, world: int
    ) -> DevShare:
        """The part of process `rank` of `world`, as long in sum as the others' parts."""
        order = np.argsort(lengths, kind="stable")
        return cls(np.sort(order[rank::world]), token_offsets, shared=world > 1)

    def joined(self, own: Predicted) -> Predicted:
        """Predictions for the whole set, the same in every process.

        Args:
            own: Predictions for this process's rows. Every process has to call this.
        """
        if not self.shared:
            return own
        count = len(self.token_offsets) - 1
        found = Predicted(
            np.empty(count, own.intents.dtype), np.empty(self.token_offsets[-1], own.labels.dtype)
        )
        for rows, part in gather_object([(self.rows, own)]):
            found.intents[rows] = part.intents
            found.labels[places(self.token_offsets, rows)] = part.labels
        return found
