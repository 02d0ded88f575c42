"""Rows of text as text objectives take them, and the label of what has none; without torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# The label of what has none; PyTorch's cross-entropy leaves it out.
NO_LABEL = -100


@dataclass(frozen=True, slots=True)
class TextRows:
    """Some texts.

    Attributes:
        numbers: Shape (n,), a number for each, on which all that is drawn for it hangs.
        subwords: Flat, their subword ids.
        words: Flat, for each subword the number of its word within the text, ascending; -1 for
            subwords that are not text, such as `<s>`.
        offsets: Shape (n + 1,), where each text begins.
        alphabet: The subwords that occur in text at all, ascending.
    """

    numbers: NDArray[np.int64]
    subwords: NDArray[np.int32]
    words: NDArray[np.int32]
    offsets: NDArray[np.int64]
    alphabet: NDArray[np.int32]
