"""Models without one measured language each, everything chosen anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from massive_kit.analysis.forecast.block_ridge import BlockRidge, Prediction, jackknife_plus
from massive_kit.analysis.forecast.blocks import Array, Block


@dataclass(frozen=True, slots=True)
class LeftOutModels:
    """Models of all measured languages but one.

    Attributes:
        models: One for each measured language, without it.
        predictions: What each says of the language that it was made without.
        residuals: The scores less that.
    """

    models: tuple[BlockRidge, ...]
    predictions: tuple[Prediction, ...]
    residuals: Array

    @classmethod
    def fit(
        cls, blocks: Sequence[Block], scores: Array, level: float, advance: Callable[[int], None]
    ) -> LeftOutModels:
        """Fits all of them.

        Args:
            blocks: What may be weighted; the measured languages are their first rows.
            scores: Of the measured languages.
            level: Share of cases that intervals should hold.
            advance: Called with each row that was left out.
        """
        every = np.arange(len(scores))
        models: list[BlockRidge] = []
        predictions: list[Prediction] = []
        for row in range(len(scores)):
            rest = every[every != row]
            model = BlockRidge.fit(blocks, scores[rest], rest)
            models.append(model)
            predictions.append(model.predict(row, level))
            advance(row)
        residuals = scores - [prediction.value for prediction in predictions]
        return cls(tuple(models), tuple(predictions), residuals)

    def interval(self, row: int, level: float) -> tuple[float, float]:
        """The jackknife+ interval of a row: weights, too, are chosen without each language."""
        without = np.array([model.predict(row, level).value for model in self.models])
        return jackknife_plus(without, self.residuals, level)
