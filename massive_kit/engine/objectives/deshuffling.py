"""Deshuffling: words are put out of order, and their order is told.

A text-to-text model says the text as it was (Raffel et al. 2020); an encoder says of each word
where it stood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from massive_kit.data.ragged import offsets_of, rows_of
from massive_kit.engine.corruption import Corrupted, Words, ended
from massive_kit.engine.objectives.supervised import own_loss
from massive_kit.engine.special_subwords import end_of
from massive_kit.engine.text_rows import NO_LABEL
from massive_kit.schema.config import Strict

if TYPE_CHECKING:
    from massive_kit.engine.objectives import Objective
    from massive_kit.engine.text_rows import TextRows
    from massive_kit.schema.task import Architecture

ARCHITECTURES = ("encoder", "seq2seq")
METRIC = "perplexity"


class Settings(Strict):
    """How far an encoder counts.

    Attributes:
        positions: How many positions an encoder tells apart; words that stood further back have no
            label.
    """

    positions: int = Field(default=64, ge=2, le=4096)


def build(settings: Settings) -> Objective:
    """The loss that the model computes, the mean over what it should say."""
    del settings
    return own_loss


def classes(settings: Settings) -> int:
    """How many labels an encoder tells apart, which are no subwords."""
    return settings.positions


def corrupter(settings: Settings, tokenizer: Any, architecture: Architecture) -> Shuffling:
    """Puts words out of order."""
    end = end_of(tokenizer) if architecture == "seq2seq" else None
    return Shuffling(settings.positions, end)


@dataclass(frozen=True, slots=True)
class Shuffling:
    """Puts the words of a text out of order, each whole.

    Attributes:
        positions: How many positions are told apart, where positions are told.
        end: The subword that ends what is said; `None` where positions are told.
    """

    positions: int
    end: int | None

    @property
    def special(self) -> NDArray[np.int32]:
        """The subword that ends what is said."""
        return np.array([] if self.end is None else [self.end], np.int32)

    def remapped(self, table: NDArray[np.int32]) -> Shuffling:
        """The same for other subword ids."""
        return Shuffling(self.positions, None if self.end is None else int(table[self.end]))

    def __call__(self, rows: TextRows, seed: int) -> Corrupted:
        """Shuffled texts, and the texts as they were, or where each word stood."""
        words = Words.of(rows)
        text = np.flatnonzero(rows.words >= 0)
        word = words.of_subword[text]
        row = rows_of(rows.offsets)[text]
        rank = words.shuffled(rows, seed)
        order = np.lexsort((text, rank[word], row))
        inputs = rows.subwords.copy()
        inputs[text] = rows.subwords[text[order]]
        if self.end is not None:
            lengths = np.bincount(row, minlength=len(rows.numbers))
            said = ended(rows.subwords[text], offsets_of(lengths), self.end)
            return Corrupted(inputs, rows.offsets, said.values, said.offsets)
        shuffled = word[order]
        begins = np.ones(len(text), np.bool_)
        begins[1:] = shuffled[1:] != shuffled[:-1]
        stood = shuffled - words.offsets[row]
        labels = np.full(len(inputs), NO_LABEL, np.int32)
        told = begins & (stood < self.positions)
        labels[text[told]] = stood[told]
        return Corrupted(inputs, rows.offsets, labels, rows.offsets)
