"""What a trained system, a teacher, says of utterances: how likely each label is.

`massive_kit.runs.teaching` brings the teacher of a recipe.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from massive_kit.data.ragged import cut


@dataclass(frozen=True, slots=True)
class LabelDistributions:
    """Of n utterances, as logarithms of probabilities.

    Attributes:
        intents: Shape (n, intents); no column where the system knows no intents.
        labels: Shape (tokens, labels), a row for each token of each utterance.
        offsets: Shape (n + 1,), where the tokens of each utterance begin.
        read: Shape (tokens,), whether the token was read; the end of a long utterance is not.
    """

    intents: NDArray[np.float16]
    labels: NDArray[np.float16]
    offsets: NDArray[np.int64]
    read: NDArray[np.bool_]

    def __len__(self) -> int:
        """The number of utterances."""
        return len(self.intents)

    def taken(self, rows: NDArray[np.int64]) -> LabelDistributions:
        """Those of some utterances."""
        labels, offsets = cut(self.labels, self.offsets, rows)
        read, _ = cut(self.read, self.offsets, rows)
        return LabelDistributions(self.intents[rows], labels, offsets, read)


class Teacher(Protocol):
    """A trained system."""

    def distributions(self, rows: Iterable[tuple[str, pa.Table]]) -> LabelDistributions:
        """What it says.

        Args:
            rows: Locales, each with a table of `id`, `utt` and `tokens`.
        """
