"""Masked language modelling: words are hidden, and are told from the rest (Devlin et al. 2019)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from massive_kit.data.ragged import rows_of
from massive_kit.engine.chance import uniform
from massive_kit.engine.corruption import Corrupted, Words
from massive_kit.engine.objectives.supervised import own_loss
from massive_kit.engine.special_subwords import mask_of
from massive_kit.engine.text_rows import NO_LABEL
from massive_kit.schema.config import Strict

if TYPE_CHECKING:
    from massive_kit.engine.objectives import Objective
    from massive_kit.engine.text_rows import TextRows
    from massive_kit.schema.task import Architecture

ARCHITECTURES = ("encoder",)
METRIC = "pseudo_perplexity"


class Settings(Strict):
    """What is hidden, and how.

    Attributes:
        rate: Share of the subwords of a text that are to be told; at least one word of each text.
        whole_words: Whether all subwords of a word are hidden together; words are the corpus's own
            tokens.
        masked: Share of the hidden subwords in whose place the model reads a mask.
        replaced: Share of them in whose place it reads any other; the rest it reads as they are.
    """

    rate: float = Field(default=0.2, gt=0, lt=1)
    whole_words: bool = True
    masked: float = Field(default=0.8, ge=0, le=1)
    replaced: float = Field(default=0.1, ge=0, le=1)

    @model_validator(mode="after")
    def _shares_of_one(self) -> Self:
        if self.masked + self.replaced > 1:
            raise ValueError("masked and replaced are shares of one whole; their sum is above 1")
        return self


def build(settings: Settings) -> Objective:
    """The loss that the model computes for the hidden subwords, their mean."""
    del settings
    return own_loss


def corrupter(settings: Settings, tokenizer: Any, architecture: Architecture) -> Masking:
    """Hides words; a tokenizer without a mask gets one."""
    del architecture
    return Masking(settings, mask_of(tokenizer))


@dataclass(frozen=True, slots=True)
class Masking:
    """Hides words.

    Attributes:
        settings: What is hidden, and how.
        mask: The subword that stands for what is hidden.
    """

    settings: Settings
    mask: int

    @property
    def special(self) -> NDArray[np.int32]:
        """The mask."""
        return np.array([self.mask], np.int32)

    def remapped(self, table: NDArray[np.int32]) -> Masking:
        """The same for other subword ids."""
        return replace(self, mask=int(table[self.mask]))

    def __call__(self, rows: TextRows, seed: int) -> Corrupted:
        """Inputs with hidden subwords, and the hidden ones as labels at their places."""
        hidden = self._hidden(rows, seed)
        row = rows_of(rows.offsets)[hidden]
        places = hidden - rows.offsets[row]
        number = rows.numbers[row]
        chance = uniform(seed, 1, number, places)
        inputs = rows.subwords.copy()
        inputs[hidden[chance < self.settings.masked]] = self.mask
        others = (chance >= self.settings.masked) & (
            chance < self.settings.masked + self.settings.replaced
        )
        drawn = uniform(seed, 2, number, places)[others] * len(rows.alphabet)
        inputs[hidden[others]] = rows.alphabet[drawn.astype(np.int64)]
        labels = np.full(len(inputs), NO_LABEL, np.int32)
        labels[hidden] = rows.subwords[hidden]
        return Corrupted(inputs, rows.offsets, labels, rows.offsets)

    def _hidden(self, rows: TextRows, seed: int) -> NDArray[np.int64]:
        """The places of what is hidden: words in an order of chance, as many as the rate allows."""
        words = Words.of(rows, whole=self.settings.whole_words)
        word_row = rows_of(words.offsets)
        rank = words.shuffled(rows, seed)
        order = words.offsets[word_row] + rank
        sizes = np.empty(len(rank), np.int64)
        sizes[order] = words.sizes
        through = np.cumsum(sizes)
        before_row = np.concatenate([[0], through])[words.offsets[:-1]]
        through -= before_row[word_row]
        in_row = np.bincount(word_row, weights=words.sizes, minlength=len(rows.numbers))
        most = np.maximum(1, np.rint(self.settings.rate * in_row))
        # The first of the order is hidden however long it is, so that each text has something.
        chosen = (through[order] <= most[word_row]) | (rank == 0)
        text = np.flatnonzero(words.of_subword >= 0)
        hidden: NDArray[np.int64] = text[chosen[words.of_subword[text]]]
        return hidden
