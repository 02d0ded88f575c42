"""Scores by how the slots of an utterance came from the source language, where rows say so.

FitzGerald et al. 2022, section 3: a slot was translated, localised (a place or a name of the
language's own country) or left unchanged.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.split import DataSplit
from massive_kit.schema.scores import SLOT_METHODS, PartScores, SlotMethod
from massive_kit.scoring.estimates import pooled_estimates
from massive_kit.scoring.statistics import SufficientStatistics

# What rows say, and what both ways to leave a slot unchanged come to.
_METHODS: dict[str, SlotMethod] = {
    "translation": "translated",
    "localization": "localised",
    "unchanged": "unchanged",
    "unchanged_translation": "unchanged",
    "unchanged_localization": "unchanged",
}
_UNKNOWN = -1


def slot_method_scores(
    split: DataSplit,
    statistics: SufficientStatistics,
    averaged: tuple[str, ...],
    resamples: int,
    seed: int,
) -> dict[SlotMethod, PartScores]:
    """The main metrics of each part of the utterances, pooled over the locales that say.

    Args:
        split: What was scored.
        statistics: Its counts, in its order.
        averaged: The locales that averages run over.
        resamples: Bootstrap resamples; 0 for no intervals.
        seed: Of the resampling.

    Returns:
        Nothing where no row says.
    """
    told: list[str] = []
    codes: list[NDArray[np.int64]] = []
    for part in split.by_locale():
        column = part.read(["slot_method"]).column("slot_method")
        (locale,) = part.locales
        if locale in averaged and column.null_count < len(column):
            told.append(locale)
            codes.append(parts_of(column.to_pylist()))
        else:
            codes.append(np.full(len(column), _UNKNOWN))
    if not told:
        return {}
    every = np.concatenate(codes)
    scores = {}
    for code, name in enumerate(SLOT_METHODS):
        rows = np.flatnonzero(every == code)
        if len(rows):
            counted_rows = statistics.take(rows)
            estimates = pooled_estimates(counted_rows, resamples, seed)
            scores[name] = PartScores(**estimates, n=len(rows), locales=told)
    return scores


def parts_of(methods: list[list[dict[str, Any]] | None]) -> NDArray[np.int64]:
    """Which part each utterance belongs to; -1 where that is not known.

    Args:
        methods: Of each utterance, its slots with their methods.
    """
    codes = []
    for row in methods:
        if row is None:
            codes.append(_UNKNOWN)
            continue
        kinds = {_METHODS.get(slot["method"]) for slot in row}
        if None in kinds:
            codes.append(_UNKNOWN)
            continue
        part = "no slots" if not kinds else kinds.pop() if len(kinds) == 1 else "mixed"
        codes.append(SLOT_METHODS.index(part or "mixed"))
    return np.array(codes, np.int64)
