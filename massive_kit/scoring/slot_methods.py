"""Scores by how the slots of an utterance came from the source language, where rows say so.

FitzGerald et al. 2022, section 3: a slot was translated, localised (a place or a name of the
language's own country) or left unchanged.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.split import DataSplit
from massive_kit.schema.scores import SLOT_METHODS, PartScores, SlotMethod
from massive_kit.scoring.bootstrap import Units
from massive_kit.scoring.estimates import PooledScores, pooled_scores
from massive_kit.scoring.replicates import Replicates
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


@dataclass(frozen=True, slots=True)
class SlotMethodScores:
    """The main metrics of each part of the utterances.

    Attributes:
        scores: By part; nothing where no row says.
        replicates: The same under resampling, by part; each part is drawn from its own utterances.
            `None` where no row says, and without resampling.
    """

    scores: dict[SlotMethod, PartScores]
    replicates: Replicates | None


def slot_method_scores(
    split: DataSplit,
    statistics: SufficientStatistics,
    averaged: tuple[str, ...],
    resamples: int,
    seed: int,
) -> SlotMethodScores:
    """The main metrics of each part of the utterances, pooled over the locales that say.

    Args:
        split: What was scored.
        statistics: Its counts, in its order.
        averaged: The locales that averages run over.
        resamples: Bootstrap resamples; 0 for no intervals.
        seed: Of the resampling.
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
    every = np.concatenate(codes) if codes else np.zeros(0, np.int64)
    scores: dict[SlotMethod, PartScores] = {}
    made: list[PooledScores] = []
    parallel = Units.of(statistics).parallel
    for code, name in enumerate(SLOT_METHODS):
        rows = np.flatnonzero(every == code)
        if len(rows):
            made.append(pooled_scores(statistics.take(rows), resamples, seed, parallel=parallel))
            scores[name] = PartScores(**made[-1].estimates, n=len(rows), locales=told)
    draws = [pooled.draws for pooled in made if pooled.draws is not None]
    if not draws:
        return SlotMethodScores(scores, None)
    point = np.stack([pooled.point for pooled in made])
    values = np.stack(draws, axis=1).astype(np.float32)
    name_of_draw = (
        f"bootstrap resamples={resamples} seed={seed} rows={_hash_of_parts(statistics, every)}"
    )
    return SlotMethodScores(scores, Replicates(tuple(scores), point, values, name_of_draw))


def _hash_of_parts(statistics: SufficientStatistics, codes: NDArray[np.int64]) -> str:
    """16 hexadecimal digits that are equal where the same rows are in the same parts."""
    known = np.flatnonzero(codes >= 0)
    drawn = statistics.ids if statistics.origins is None else statistics.origins
    digest = hashlib.sha256()
    for values in (
        [statistics.locales[i] for i in statistics.locale[known].tolist()],
        drawn[known].tolist(),
        codes[known].tolist(),
    ):
        digest.update("\n".join(map(str, values)).encode() + b"\n\n")
    return digest.hexdigest()[:16]


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
