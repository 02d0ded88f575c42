"""Votes of the nearest rows for their intents."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from massive_kit.systems.retrieval.ranked_rows import RankedRows


def votes(
    nearest: RankedRows, intents: NDArray[np.int32], count: int, temperature: float
) -> NDArray[np.float64]:
    """What the nearest rows of each utterance give to each intent.

    Args:
        nearest: The rows, with their cosines.
        intents: Shape (rows,), the intent of each row.
        count: How many intents there are.
        temperature: As that of `Vote`.

    Returns:
        Shape (utterances, count); the nearest row gives 1.
    """
    # From the nearest one downwards, so that nothing overflows.
    weights = np.exp((nearest.scores - nearest.scores[:, :1]) / temperature)
    given = np.zeros((len(nearest), count))
    who = np.arange(len(nearest))[:, None]
    np.add.at(given, (who, intents[nearest.rows]), weights)
    return given
