"""Whether a language is unlike all that were measured, so that a forecast would be a guess."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from massive_kit.analysis.forecast.block_ridge import BlockRidge, Prediction
from massive_kit.analysis.forecast.blocks import Array, Block, Columns, Rows
from massive_kit.analysis.forecast.language_rows import LanguageRow

# How far a column may go beyond the measured languages, in their standard deviations.
BEYOND = 1.0


def unlikeness(
    language: LanguageRow,
    row: int,
    model: BlockRidge,
    blocks: Sequence[Block],
    prediction: Prediction,
    far: Array,
    fitted: Rows,
) -> tuple[str, ...]:
    """Why a language is unlike those measured, a clause each; nothing where it is not.

    Args:
        language: The language.
        row: Its row.
        model: The model that would forecast it.
        blocks: The blocks of the model.
        prediction: What it would say.
        far: Distances between all rows.
        fitted: The rows of the measured languages.
    """
    if language.typology is None:
        return ("not in the table of typology",)
    reasons = []
    among = far[np.ix_(fitted, fitted)].copy()
    np.fill_diagonal(among, np.nan)
    limit = float(np.nanmin(among, axis=1).max())
    nearest = float(np.nanmin(far[row, fitted]))
    if nearest > limit:
        reasons.append(
            f"no measured language is near (distance {nearest:.2f}; of the measured ones themselves"
            f" {limit:.2f} at most)"
        )
    reasons += [
        f"{reason} than in any measured language"
        for block, weight in zip(blocks, model.weights, strict=True)
        if weight and isinstance(block, Columns) and not block.bounded
        for reason in _beyond(block, row, fitted)
    ]
    if prediction.leverage > (most := float(model.leverages.max())):
        reasons.append(
            f"leverage {prediction.leverage:.2f}, above that of every measured language"
            f" ({most:.2f} at most)"
        )
    return tuple(reasons)


def _beyond(block: Columns, row: int, fitted: Rows) -> list[str]:
    scaled = block.standardised(fitted)
    low, high = scaled[fitted].min(axis=0) - BEYOND, scaled[fitted].max(axis=0) + BEYOND
    words = {name: name.replace("_", " ") for name in block.names}
    return [
        f"{block.title} ({words[name]}): " + ("less" if value < low[column] else "more")
        for column, (name, value) in enumerate(zip(block.names, scaled[row], strict=True))
        if not low[column] <= value <= high[column]
    ]
