"""Rows of subwords as a model reads them, and what it says of them as labels of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.spans import well_formed


class SubwordRows(Protocol):
    """n utterances as subwords, with a position for every token; see `AlignedSubwords`."""

    @property
    def subwords(self) -> NDArray[np.int32]:
        """Flat, the subword ids of all rows."""

    @property
    def subword_offsets(self) -> NDArray[np.int64]:
        """Shape (n + 1,), where each row's subwords begin."""

    @property
    def positions(self) -> NDArray[np.int32]:
        """Flat, for each token the position of its subword within its row."""

    @property
    def token_offsets(self) -> NDArray[np.int64]:
        """Shape (n + 1,), where each row's tokens begin."""

    @property
    def owners(self) -> NDArray[np.int32]:
        """Flat, for each subword the token of its row that it is a part of, or -1."""


@dataclass(frozen=True, slots=True)
class BatchPlaces:
    """Where the subwords of a batch stand in the flat array.

    Attributes:
        at: Shape (batch, subwords); 0 where there is none.
        inside: The same, whether there is one.
    """

    at: NDArray[np.int64]
    inside: NDArray[np.bool_]

    @classmethod
    def of(cls, data: SubwordRows, rows: NDArray[np.int64]) -> BatchPlaces:
        """Those of some rows, padded to the longest of them."""
        starts = data.subword_offsets[rows]
        lengths = data.subword_offsets[rows + 1] - starts
        columns = np.arange(lengths.max(initial=1))
        inside = columns < lengths[:, None]
        return cls(np.where(inside, starts[:, None] + columns, 0), inside)


def padded(
    data: SubwordRows, places: BatchPlaces, special: NDArray[np.int32], pad: int
) -> dict[str, NDArray[Any]]:
    """What a model reads: `input_ids`, `attention_mask` and `text_mask`, shape (batch, subwords).

    Args:
        data: All rows.
        places: Of the batch.
        special: The ids of subwords that are not text.
        pad: The id that fills rows up.
    """
    inside = places.inside
    ids = np.where(inside, data.subwords[places.at], pad).astype(np.int64)
    text = inside & ~np.isin(ids, special)
    # A row without any text subword is pooled over what it has.
    text[~text.any(axis=1)] = inside[~text.any(axis=1)]
    return {"input_ids": ids, "attention_mask": inside, "text_mask": text}


def token_subwords(data: SubwordRows) -> NDArray[np.int64]:
    """Flat, for each token the place of its subword in `subwords`."""
    return np.repeat(data.subword_offsets[:-1], np.diff(data.token_offsets)) + data.positions


def speaking_subwords(data: SubwordRows) -> NDArray[np.bool_]:
    """Flat, whether a subword speaks for a token."""
    speaks = np.zeros(len(data.subwords), np.bool_)
    speaks[token_subwords(data)] = True
    return speaks


def token_labels(
    labels: NDArray[np.int16], data: SubwordRows, inventory: Inventory
) -> NDArray[np.int16]:
    """Flat, the label of each token, such as IOB2 allows where the inventory asks for it.

    Args:
        labels: Flat, the label of each subword.
        data: The rows.
        inventory: The labels.
    """
    speaking = token_subwords(data)
    spoken = labels[speaking]
    # One subword that speaks for several tokens has one label, which begins one span at most.
    shared = np.flatnonzero(speaking[1:] == speaking[:-1]) + 1
    spoken[shared] = inventory.continued(spoken[shared])
    return well_formed(spoken, data.token_offsets, inventory)
