"""How often the nearest text of another language is the translation, under several comparisons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

# The rows that are compared at a time, so that a language of any size takes little memory.
_BLOCK = 1024
_FEW = 5


@dataclass(frozen=True, slots=True)
class Searched:
    """Texts in which translations are looked for, at one layer.

    Attributes:
        vectors: Shape (m, width).
        mean: Shape (width,), of other texts of the same language.
        classes: Shape (m,), a number for intent and slots; below 0 where they are not known.
    """

    vectors: Matrix
    mean: Matrix
    classes: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class HitCounts:
    """How many queries found what they looked for.

    Attributes:
        queries: How many there were.
        at_1: Whose nearest candidate is the translation.
        at_5: Who have it among the five nearest.
        labelled: Those of known intent and slots.
        same_labels: Of these, whose nearest candidate has the same intent and slots.
    """

    queries: int
    at_1: int
    at_5: int
    labelled: int
    same_labels: int


def retrieval(
    queries: Searched, candidates: Searched, gold: NDArray[np.int64]
) -> dict[str, HitCounts]:
    """The hits of each comparison.

    `raw_*` compares vectors as they are; `offset_*` first adds the difference of the languages'
    means to the queries (Pires et al. 2019, aclanthology.org/P19-1493); `centred_cosine` subtracts
    each language's mean from its vectors (Libovicky et al. 2020,
    aclanthology.org/2020.findings-emnlp.150). By Euclidean distance, that is the same as an offset.

    Args:
        queries: Texts of one language.
        candidates: Texts of another one.
        gold: Shape (queries,), the candidate that is the translation of each query.
    """
    counts: dict[str, NDArray[np.int64]] = {}
    for start in range(0, len(gold), _BLOCK):
        rows = slice(start, start + _BLOCK)
        labels = queries.classes[rows]
        for name, scores in _scores(queries.vectors[rows], queries.mean, candidates):
            of_gold = np.take_along_axis(scores, gold[rows, None], axis=1)
            # A candidate that is as near as the translation, such as one of the same words, does
            # not stand before it.
            before = (scores > of_gold).sum(axis=1)
            alike = (candidates.classes[scores.argmax(axis=1)] == labels) & (labels >= 0)
            more = np.array([(before == 0).sum(), (before < _FEW).sum(), alike.sum()])
            counts[name] = counts.get(name, np.zeros(3, np.int64)) + more
    labelled = int((queries.classes >= 0).sum())
    return {
        name: HitCounts(len(gold), int(at_1), int(at_5), labelled, int(alike))
        for name, (at_1, at_5, alike) in counts.items()
    }


def _scores(queries: Matrix, mean: Matrix, candidates: Searched) -> Iterator[tuple[str, Matrix]]:
    """Scores that rank the candidates of each query under each comparison; all from one product."""
    vectors = candidates.vectors
    squares = np.square(vectors).sum(axis=1)
    lengths = np.maximum(np.sqrt(squares), 1e-12)
    products = queries @ vectors.T
    # Distances to one query differ from this by what all candidates share.
    yield "raw_euclidean", products - squares / 2
    yield "raw_cosine", products / lengths
    offset = candidates.mean - mean
    products += vectors @ offset
    yield "offset_euclidean", products - squares / 2
    yield "offset_cosine", products / lengths
    # (q - mean) (c - mean), where q was moved to the candidates' language.
    products -= ((queries + offset) @ candidates.mean)[:, None]
    products -= vectors @ candidates.mean - candidates.mean @ candidates.mean
    centred = np.linalg.norm(vectors - candidates.mean, axis=1)
    yield "centred_cosine", products / np.maximum(centred, 1e-12)
