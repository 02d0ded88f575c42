"""Utterances in pairs of two languages, as subwords, and batches of such pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.data.ragged import cut
from massive_kit.data.split import DataSplit
from massive_kit.engine.batches import BatchDataset
from massive_kit.engine.chance import uniform
from massive_kit.engine.text_batches import padded
from massive_kit.engine.texts import Texts, encode_texts
from massive_kit.errors import TrainingError

_NONE = -1
_SIDES = 2
# Locales that a line names.
_MOST = 5


@dataclass(frozen=True, slots=True)
class PairTexts:
    """Texts of n ids in several locales.

    Attributes:
        texts: The texts.
        rows: Shape (n, locales), the row of an id in a locale, -1 where it has none.
        pivot: The locale on one side of every pair, by its position; `None` for any.
        same: Shape (texts,), a number for each, the same where the subwords are.
    """

    texts: Texts
    rows: NDArray[np.int64]
    pivot: int | None
    same: NDArray[np.int64]

    def __len__(self) -> int:
        """The number of ids."""
        return len(self.rows)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Shape (n,), about how many subwords both sides of a pair have: twice the mean."""
        there = self.rows >= 0
        lengths = np.where(there, self.texts.lengths[self.rows], 0)
        means: NDArray[np.int64] = -(-_SIDES * lengths.sum(axis=1) // there.sum(axis=1))
        return means

    def remapped(self, table: NDArray[np.int32]) -> PairTexts:
        """The same with other subword ids: `table[old] = new`."""
        return replace(self, texts=self.texts.remapped(table))

    def drawn(self, numbers: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
        """Rows of the two texts of pairs; shape (2, pairs).

        Args:
            numbers: Of each pair, `id + n * version`; its two locales hang on this and the seed.
            seed: Seed of the draw.
        """
        rows = self.rows[numbers % len(self)]
        key = uniform(seed, 5, numbers[:, None], np.arange(rows.shape[1]))
        key = np.where(rows >= 0, key, -1.0)
        if self.pivot is not None:
            key[:, self.pivot] = 2.0
        first, second = np.argsort(-key, axis=1, kind="stable")[:, :_SIDES].T
        each = np.arange(len(rows))
        return np.stack([rows[each, first], rows[each, second]])


def encode_pairs(
    split: DataSplit,
    pivot: str | None,
    tokenizer: Any,
    *,
    max_length: int,
    rows: int | None = None,
) -> PairTexts:
    """The texts of a split that are there in two locales, or in a pivot and another one.

    Args:
        split: Of which id, text and tokens are read, nothing else.
        pivot: The locale on one side of every pair; `None` for any.
        tokenizer: A fast tokenizer.
        max_length: Most subwords of a text; longer ones are cut.
        rows: Most ids of a locale, the same in every locale.

    Raises:
        TrainingError: There are not two pairs, which could be told apart.
    """
    split = split.unlabelled()
    texts = encode_texts(split, tokenizer, max_length=max_length, rows=rows)
    ids: list[str] = split.read(["id"], rows).column("id").to_pylist()
    number_of = {identity: number for number, identity in enumerate(dict.fromkeys(ids))}
    table = np.full((len(number_of), len(split.locales)), _NONE, np.int64)
    table[[number_of[identity] for identity in ids], texts.locale] = np.arange(len(ids))
    complete = (table >= 0).sum(axis=1) >= _SIDES
    position = None if pivot is None else split.locales.index(pivot)
    if position is not None:
        complete &= table[:, position] >= 0
    if complete.sum() < _SIDES:
        raise TrainingError(
            f"{split.store.name} has {int(complete.sum())} ids of {split.partition} in two of the"
            f" locales {', '.join(split.locales)}, which is too few to tell pairs apart;"
            f" {_advice(split)}"
        )
    return PairTexts(texts, table[complete], position, _numbers_of_same(texts))


def _advice(split: DataSplit) -> str:
    made = [locale for locale in split.locales if locale in split.store.labels_from]
    if made:
        return (
            f"the rows of {', '.join(made[:_MOST])} were made of others and are no translations:"
            " take the data that they were made of, or leave out the objective"
        )
    return "rows of two languages are a pair where they have one id, as in MASSIVE"


class PairBatches(BatchDataset):
    """Pairs as batches: `input_ids`, `attention_mask`, `text_mask` and `same`.

    The first half of a batch is one side of its pairs, the second half the other. Which locales
    these are of hangs on the row's number and the seed, so that a run that goes on draws what it
    would have drawn.
    """

    def __init__(self, pairs: PairTexts, seed: int, copies: int = 1) -> None:
        self.pairs = pairs
        self.seed = seed
        self.copies = copies
        self.longest = int(pairs.texts.lengths.max(initial=0))

    def __len__(self) -> int:
        """The number of rows, over all copies."""
        return len(self.pairs) * self.copies

    def __getitems__(self, rows: Sequence[int] | NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """Pairs, filled up to the longest text of them."""
        drawn = self.pairs.drawn(np.asarray(rows, np.int64), self.seed).ravel()
        batch = text_batch(self.pairs.texts, drawn)
        return batch | {"same": torch.from_numpy(self.pairs.same[drawn])}


class LanguageBatches(BatchDataset):
    """Texts as batches, each with the number of its locale: `languages`."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.longest = int(texts.lengths.max(initial=0))

    def __len__(self) -> int:
        """The number of texts."""
        return len(self.texts)

    def __getitems__(self, rows: Sequence[int] | NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """Texts by their numbers, of which each text has many."""
        chosen = np.asarray(rows, np.int64) % len(self.texts)
        languages = self.texts.locale[chosen].astype(np.int64)
        return text_batch(self.texts, chosen) | {"languages": torch.from_numpy(languages)}


def text_batch(texts: Texts, rows: NDArray[np.int64]) -> dict[str, torch.Tensor]:
    """Some texts as a batch: `input_ids`, `attention_mask`, and `text_mask` on what is text."""
    subwords, offsets = cut(texts.subwords, texts.offsets, rows)
    words, _ = cut(texts.words, texts.offsets, rows)
    ids, inside = padded(subwords, offsets, texts.pad)
    text = padded(words, offsets, _NONE)[0] >= 0
    # A row without any text is pooled over what it has.
    text[~text.any(axis=1)] = inside[~text.any(axis=1)]
    return {
        "input_ids": torch.from_numpy(ids),
        "attention_mask": torch.from_numpy(inside),
        "text_mask": torch.from_numpy(text),
    }


def _numbers_of_same(texts: Texts) -> NDArray[np.int64]:
    """Shape (texts,): the same number for texts of the same subwords."""
    numbers: dict[bytes, int] = {}
    bounds = texts.offsets
    return np.array(
        [
            numbers.setdefault(texts.subwords[bounds[row] : bounds[row + 1]].tobytes(), row)
            for row in range(len(texts))
        ],
        np.int64,
    )
