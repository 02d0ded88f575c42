"""Rows ranked by a score for each of several utterances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# What stands where there are fewer rows than were asked for.
NO_ROW = -1


@dataclass(frozen=True, slots=True)
class RankedRows:
    """For each of n utterances the best rows, best first.

    Attributes:
        rows: Shape (n, k), positions of rows; `NO_ROW` at the end where there are fewer.
        scores: Shape (n, k), how near each is; of `NO_ROW` minus infinity.
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        """The number of utterances."""
        return len(self.rows)

    def of(self, utterance: int) -> list[int]:
        """The rows of one utterance, best first."""
        return [row for row in self.rows[utterance].tolist() if row != NO_ROW]


def best_rows(scores: NDArray[np.floating[Any]], k: int) -> RankedRows:
    """The k best of the scores of each utterance; of equal ones the first.

    Args:
        scores: Shape (n, rows); minus infinity is no row.
        k: How many.
    """
    count = min(k, scores.shape[1])
    rows = np.full((len(scores), k), NO_ROW)
    best = np.full((len(scores), k), -np.inf, np.float32)
    if not count or not len(scores):
        return RankedRows(rows, best)
    thresholds = np.partition(scores, scores.shape[1] - count, axis=1)[:, -count]
    for i, threshold in enumerate(thresholds):
        # A partition would choose any of the rows that share the last place.
        at_least = np.flatnonzero((scores[i] >= threshold) & (scores[i] > -np.inf))
        order = at_least[np.argsort(-scores[i, at_least], kind="stable")[:count]]
        rows[i, : len(order)] = order
        best[i, : len(order)] = scores[i, order]
    return RankedRows(rows, best)


def joined(parts: Sequence[RankedRows]) -> RankedRows:
    """The rows of several groups of utterances, one group after the other."""
    return RankedRows(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )
