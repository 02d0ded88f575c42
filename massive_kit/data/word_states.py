"""What a teacher thinks of words: the hidden states of some of its layers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class StatesAsked:
    """Which hidden states a student is to have as well.

    Attributes:
        layers: Of the teacher: counted from 0, or as a share of its depth, of which 1 is the last.
        width: How wide they are to be.
    """

    layers: tuple[int | Fraction, ...]
    width: int

    def numbers(self, count: int) -> tuple[int, ...]:
        """The layers of a teacher that has so many, counted from 0."""
        return tuple(
            layer if isinstance(layer, int) else max(0, round(layer * count) - 1)
            for layer in self.layers
        )

    def __str__(self) -> str:
        """For the name of what is kept of it."""
        return f"{','.join(map(str, self.layers))} of {self.width}"


@dataclass(frozen=True, slots=True)
class WordStates:
    """Hidden states of words, flat, some of which may still be in files.

    Attributes:
        parts: Each of shape (words, layers, width); together all words in their order.
    """

    parts: tuple[NDArray[np.float16], ...]

    def of(self, words: NDArray[np.int64]) -> NDArray[np.float16]:
        """Those of some words: shape (words, layers, width)."""
        if len(self.parts) == 1:
            return np.asarray(self.parts[0][words])
        starts = np.cumsum([0, *(len(part) for part in self.parts)])
        states = np.zeros((len(words), *self.parts[0].shape[1:]), np.float16)
        # What holds a word is the last part that begins at it or before, and is not empty.
        of_part = np.searchsorted(starts, words, side="right") - 1
        for number in np.unique(of_part):
            chosen = of_part == number
            states[chosen] = self.parts[number][words[chosen] - starts[number]]
        return states

    @property
    def nbytes(self) -> int:
        """Bytes of all parts."""
        return sum(part.nbytes for part in self.parts)

    def in_memory(self) -> WordStates:
        """The same, all in memory: words at random places of a file cost a page fault each."""
        return WordStates((np.concatenate(self.parts),))
