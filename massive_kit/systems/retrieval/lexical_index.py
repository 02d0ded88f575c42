"""The rows that share most characters with others: n-grams, weighted by how rare they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.ragged import flat, offsets_of, places
from massive_kit.systems.retrieval.ranked_rows import RankedRows, best_rows, joined

_LENGTHS = (2, 3, 4)
# Most scores at a time.
_MOST_SCORES = 25_000_000


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """The character n-grams of m rows, as TF-IDF vectors of length 1 (Salton and Buckley 1988).

    It needs no model and no download. Within words n-grams of 2 to 4 characters count, in lower
    case, with the word's ends marked; text without spaces is one word.

    Attributes:
        numbers: The number of each n-gram.
        rarity: Shape (n-grams,), its weight: the logarithm of one over the share of rows with it.
        rows: Flat, for each n-gram the rows that have it.
        weights: Flat, its weight in each of these rows.
        offsets: Shape (n-grams + 1,), where each n-gram's rows begin.
        size: How many rows there are.
    """

    numbers: dict[str, int]
    rarity: NDArray[np.float32]
    rows: NDArray[np.int32]
    weights: NDArray[np.float32]
    offsets: NDArray[np.int64]
    size: int

    @classmethod
    def of(cls, texts: Sequence[str]) -> LexicalIndex:
        """The index of some rows."""
        counts = [Counter(_ngrams(text)) for text in texts]
        spread = Counter(ngram for count in counts for ngram in count)
        numbers = {ngram: number for number, ngram in enumerate(spread)}
        shares = np.array([*spread.values()], np.float64) / max(1, len(texts))
        rarity = (1 - np.log(shares)).astype(np.float32)
        ngrams, row_offsets = flat([[numbers[ngram] for ngram in count] for count in counts])
        frequencies, _ = flat([[*count.values()] for count in counts])
        weights = _weighted(frequencies, rarity[ngrams], row_offsets)
        order = np.argsort(ngrams, kind="stable")
        rows = np.repeat(np.arange(len(texts), dtype=np.int32), np.diff(row_offsets))
        offsets = offsets_of(np.bincount(ngrams, minlength=len(numbers)))
        return cls(numbers, rarity, rows[order], weights[order], offsets, len(texts))

    def __len__(self) -> int:
        """The number of rows."""
        return self.size

    def nearest(self, texts: Sequence[str], k: int) -> RankedRows:
        """The k rows nearest to each text, with their cosines; rows that share nothing are none."""
        step = max(1, _MOST_SCORES // max(1, len(self)))
        starts = range(0, max(1, len(texts)), step)
        return joined([self._nearest(texts[start : start + step], k) for start in starts])

    def _nearest(self, texts: Sequence[str], k: int) -> RankedRows:
        scores = np.stack([self._scores(text) for text in texts]) if texts else self._nothing
        return best_rows(np.where(scores > 0, scores, -np.inf), k)

    @property
    def _nothing(self) -> NDArray[np.float64]:
        return np.zeros((0, len(self)))

    def _scores(self, text: str) -> NDArray[np.float64]:
        count = Counter(ngram for ngram in _ngrams(text) if ngram in self.numbers)
        ngrams = np.array([self.numbers[ngram] for ngram in count], np.int64)
        frequencies = np.array([*count.values()], np.int32)
        weights = _weighted(frequencies, self.rarity[ngrams], np.array([0, len(ngrams)]))
        at = places(self.offsets, ngrams)
        spread = np.repeat(weights, self.offsets[ngrams + 1] - self.offsets[ngrams])
        shared = self.weights[at] * spread
        return np.bincount(self.rows[at], shared, minlength=len(self)).astype(np.float64)


def _ngrams(text: str) -> Iterator[str]:
    for word in text.casefold().split():
        marked = f" {word} "
        for length in _LENGTHS:
            for start in range(len(marked) - length + 1):
                yield marked[start : start + length]


def _weighted(
    frequencies: NDArray[np.int32], rarity: NDArray[np.float32], offsets: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The weights of the n-grams of each row, whose squares sum up to 1."""
    weights = (1 + np.log(frequencies)) * rarity
    squares = np.concatenate([[0.0], np.cumsum(np.square(weights, dtype=np.float64))])
    lengths = np.sqrt(squares[offsets[1:]] - squares[offsets[:-1]])
    scaled: NDArray[np.float32] = (
        weights / np.repeat(np.maximum(lengths, 1e-12), np.diff(offsets))
    ).astype(np.float32)
    return scaled
