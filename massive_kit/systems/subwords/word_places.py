"""Where words are read in a batch: what one cut says of a word is compared with another's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.ragged import cut, rows_of
from massive_kit.systems.subwords.rows import SubwordRows, token_subwords


def reached(data: SubwordRows) -> NDArray[np.bool_]:
    """Flat, for each token whether the limit on length leaves a subword of its own or a later one.

    Tokens behind the last one that has subwords are placed on a subword of another.
    """
    last = np.full(len(data.subword_offsets) - 1, -1, np.int64)
    np.maximum.at(last, rows_of(data.subword_offsets), data.owners)
    row = rows_of(data.token_offsets)
    within: NDArray[np.bool_] = np.arange(len(row)) - data.token_offsets[row] <= last[row]
    return within


def shared_subwords(data: SubwordRows) -> NDArray[np.bool_]:
    """Flat, for each token whether the subword that speaks for it speaks for the one before, too.

    One subword has one label, which begins one span at most.
    """
    speaking = token_subwords(data)
    shared = np.zeros(len(speaking), np.bool_)
    shared[1:] = speaking[1:] == speaking[:-1]
    return shared


def word_places(data: SubwordRows, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each token of some rows the place of its subword in a batch of these rows, flat.

    It is the subword that speaks for the token, whatever subwords carry labels in training: labels
    are read off it alone, and under `brackets` the others say that a span goes on.
    """
    positions, offsets = cut(data.positions, data.token_offsets, rows)
    lengths = data.subword_offsets[rows + 1] - data.subword_offsets[rows]
    width = int(lengths.max(initial=1))
    places: NDArray[np.int64] = rows_of(offsets) * width + positions
    return places
