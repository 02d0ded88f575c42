"""Which words of another script mean what words of the source mean, by their vectors.

Cosines less how near either word is to its nearest others (cross-domain similarity local scaling,
Conneau et al. 2018, "Word Translation Without Parallel Data"), so that words that are near to
everything are nobody's translation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from massive_kit.errors import UsageError

Vectors = NDArray[np.float32]

# Of the local scaling, as in its source.
_NEAREST = 10
# Most cosines at a time; with what is sorted and compared they take four times their 128 MB.
_MOST_SCORES = 1 << 25


@dataclass(frozen=True, slots=True)
class Matching:
    """What counts as a translation.

    Attributes:
        margin: Least difference between a cosine, taken twice, and how near either word is to its
            nearest others.
        cosine: Least cosine.
        most: Translations of a word, the nearest.

    Raises:
        UsageError: A number is out of its range; all are told.
    """

    margin: float = 0.1
    cosine: float = 0.5
    most: int = 12

    def __post_init__(self) -> None:
        """Checks the numbers."""
        problems = []
        if not isfinite(self.margin):
            problems.append(f"--margin {self.margin:g} is not a finite number")
        if not -1 <= self.cosine <= 1:
            problems.append(f"--cosine {self.cosine:g} is not between -1 and 1")
        if self.most < 1:
            problems.append(f"--most {self.most} is not positive")
        if problems:
            raise UsageError("; ".join(problems))


@dataclass(frozen=True, slots=True)
class Match:
    """A translation.

    Attributes:
        word: The source's word, as its place.
        translation: The other's, as its place.
        margin: By how much it is nearer than others.
    """

    word: int
    translation: int
    margin: float


def matches(words: Vectors, others: Vectors, settings: Matching) -> list[Match]:
    """The translations of words, word by word, the nearest first.

    Args:
        words: Shape (n, width).
        others: Shape (m, width).
        settings: What counts.
    """
    if not len(words) or not len(others):
        return []
    words, others = _centred(words), _centred(others)
    near_words = np.full((len(words), _NEAREST), -1.0, np.float32)
    near_others = np.empty(len(others), np.float32)
    for rows, cosines in _blocks(words, others):
        near_others[rows] = _highest(cosines, _NEAREST).mean(axis=1)
        near_words = _highest(np.hstack([near_words, cosines.T]), _NEAREST)
    # Fewer others than that are all there are.
    nearness = near_words[:, -min(_NEAREST, len(others)) :].mean(axis=1)
    matched: list[Match] = []
    for rows, cosines in _blocks(words, others):
        margins = 2 * cosines - near_others[rows, None] - nearness[None]
        counts = (margins > settings.margin) & (cosines > settings.cosine)
        if counts.sum() > settings.most * len(words):
            # No word keeps more of a block, however low the bar.
            margins = np.where(counts, margins, -np.inf)
            counts &= margins >= _highest(margins.T, settings.most)[:, 0]
        places, columns = np.nonzero(counts)
        matched += [
            Match(int(column), rows.start + int(place), float(margin))
            for place, column, margin in zip(places, columns, margins[places, columns], strict=True)
        ]
    matched.sort(key=lambda match: (match.word, -match.margin, match.translation))
    starts = np.searchsorted([match.word for match in matched], np.arange(len(words) + 1))
    return [
        match
        for start, end in pairwise(starts)
        for match in matched[start : min(end, start + settings.most)]
    ]


def _centred(vectors: Vectors) -> Vectors:
    """Vectors without what all words of a script share, of length 1."""
    centred = vectors - vectors.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(lengths, 1e-9), np.float32)


def _blocks(words: Vectors, others: Vectors) -> Iterator[tuple[slice, Vectors]]:
    """Some of the others at a time, with their cosines to all words: shape (others, words)."""
    size = max(1, _MOST_SCORES // len(words))
    for start in range(0, len(others), size):
        rows = slice(start, min(start + size, len(others)))
        yield rows, others[rows] @ words.T


def _highest(scores: Vectors, count: int) -> Vectors:
    """The highest scores of each row, in no order but that the last columns are the highest."""
    kept = min(count, scores.shape[1])
    return np.sort(np.partition(scores, -kept, axis=1)[:, -kept:], axis=1)
