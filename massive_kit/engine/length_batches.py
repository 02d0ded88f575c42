"""Batches of rows of like length, without PyTorch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def length_batches(
    lengths: NDArray[np.int64], order: NDArray[np.int64], budget: int
) -> list[NDArray[np.int64]]:
    """Cuts rows in ascending order of length into batches of at most `budget` padded subwords."""
    batches = []
    start = 0
    while start < len(order):
        # As many rows as the longest of them allows; a row longer than the budget goes alone.
        end = start + 1
        limit = min(len(order), start + max(1, budget // max(1, int(lengths[order[start]]))))
        while end < limit and (end - start + 1) * int(lengths[order[end]]) <= budget:
            end += 1
        batches.append(order[start:end])
        start = end
    return batches
