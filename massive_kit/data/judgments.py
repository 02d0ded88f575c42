"""What crowd workers say about a row, and keeping the rows that most of them approve of."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.ragged import rows_of_lengths

JudgmentScore = Literal["intent_score", "slots_score", "grammar_score", "spelling_score"]


def majority_below(judgments: Any, score: JudgmentScore, least: int) -> NDArray[np.bool_] | None:
    """Which rows most judges give less than `least`; a tie is in the row's favour.

    Args:
        judgments: The column of a store, a list array of structs.
        score: Which of the four scores. `intent_score` is 0 (the intent does not fit), 1 (it
            fits) or 2 (it can be read so).
        least: What is good enough.

    Returns:
        Shape (n,), false where a row has no judgments; `None` where no row has any.
    """
    counts = _counts(judgments)
    if not counts.any():
        return None
    values = judgments.flatten().field(score)
    given = values.is_valid().to_numpy(zero_copy_only=False)
    low = values.fill_null(least).to_numpy() < least
    rows = rows_of_lengths(counts)
    bad = np.bincount(rows, low & given, len(counts))
    total = np.bincount(rows, given, len(counts))
    return np.asarray(bad * 2 > total)


def _counts(judgments: Any) -> NDArray[np.int64]:
    import pyarrow.compute as pc

    return np.asarray(pc.list_value_length(judgments).fill_null(0).to_numpy(), np.int64)
