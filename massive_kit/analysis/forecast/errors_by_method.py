"""How far forecasts are off, beside means of groups of languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from massive_kit.analysis.forecast.blocks import Array
from massive_kit.analysis.forecast.forecasting import LanguageForecast
from massive_kit.languages import LanguageTable
from massive_kit.scoring.rank_correlation import spearman

GROUPINGS = ("script", "family", "genus")


@dataclass(frozen=True, slots=True)
class MethodError:
    """How far a method is off where each language is left out in turn.

    Attributes:
        method: Its name.
        mean_absolute: Mean absolute error, in 0..1.
        largest: The largest one.
        correlation: Spearman's rho between what it says and what was measured; `None` of the mean
            of all others, which is always the lower the higher the score.
    """

    method: str
    mean_absolute: float
    largest: float
    correlation: float | None


def errors_by_method(
    left_out: Sequence[LanguageForecast], languages: LanguageTable
) -> list[MethodError]:
    """The forecast, and the means of the other languages: of all, and of each language's group.

    A language that is alone in its group gets the mean of all others.

    Args:
        left_out: The measured languages, each forecast without itself.
        languages: The language table.
    """
    scores = np.array([row.measured for row in left_out], dtype=float)
    forecasts = np.array([row.value for row in left_out], dtype=float)
    errors = [
        _error("forecast", forecasts, scores),
        replace(_error("mean of all", others_mean(scores), scores), correlation=None),
    ]
    for column in GROUPINGS:
        groups = [
            (languages[row.language.code].get(column) or row.language.code) for row in left_out
        ]
        errors.append(_error(f"mean of {column}", others_mean(scores, groups), scores))
    return errors


def coverage(left_out: Sequence[LanguageForecast]) -> float:
    """Share of the measured languages whose score lies in the interval made without it."""
    inside = [
        row.low <= row.measured <= row.high
        for row in left_out
        if row.low is not None and row.high is not None and row.measured is not None
    ]
    return float(np.mean(inside))


def others_mean(scores: Array, groups: Sequence[str] | None = None) -> Array:
    """For each score the mean of the others in its group, or of all others."""
    means: Array = (scores.sum() - scores) / (len(scores) - 1)
    if groups is None:
        return means
    for place, group in enumerate(groups):
        others = [other for other, name in enumerate(groups) if name == group and other != place]
        if others:
            means[place] = scores[others].mean()
    return means


def _error(method: str, forecasts: Array, scores: Array) -> MethodError:
    off = np.abs(forecasts - scores)
    return MethodError(method, float(off.mean()), float(off.max()), spearman(forecasts, scores))
