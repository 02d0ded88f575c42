"""Forecasts of a system's scores, and how far forecasts of its measured languages are off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from massive_kit.analysis.forecast.block_ridge import BlockRidge, Prediction
from massive_kit.analysis.forecast.blocks import Array, Block, Rows, usable
from massive_kit.analysis.forecast.language_blocks import Evidence, language_blocks, nearness
from massive_kit.analysis.forecast.language_rows import LanguageRow
from massive_kit.analysis.forecast.left_out_models import LeftOutModels
from massive_kit.analysis.forecast.unlikeness import unlikeness

# Fewer tell little of a language left out.
FEWEST_LANGUAGES = 10
# Time grows with the fourth power.
MOST_LANGUAGES = 300
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ForecastRequest:
    """What is forecast from what.

    Attributes:
        measured: The languages where the system was measured, its source language not among them.
        scores: The score of each, in 0..1.
        targets: The languages to forecast.
        source: The language whose labels the system learnt.
        evidence: What is known beside the tables.
        level: Share of cases that intervals should hold.
    """

    measured: Sequence[LanguageRow]
    scores: Sequence[float]
    targets: Sequence[LanguageRow]
    source: LanguageRow
    evidence: Evidence
    level: float = 0.9


@dataclass(frozen=True, slots=True)
class LanguageForecast:
    """A forecast, or why there is none.

    Attributes:
        language: Of which language.
        value: The score, in 0..1; `None` where nothing is forecast.
        low: Lower end of the interval.
        high: Upper end of the interval.
        unlike: Why the language is unlike those measured; empty where it is not.
        parts: By block, how far it moves the forecast from the mean.
        nearest: The measured languages that are nearest.
        measured: The score where it was measured.
        lacking: Titles of what is known of the measured languages, but not of this one.
    """

    language: LanguageRow
    value: float | None
    low: float | None
    high: float | None
    unlike: tuple[str, ...]
    parts: Mapping[str, float]
    nearest: tuple[str, ...]
    measured: float | None = None
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Forecasts:
    """All that a forecast says.

    Attributes:
        left_out: Of each measured language, by a model made without it, choices included.
        left_out_without: The same without what some targets lack, by titles of that.
        targets: Of each language asked for.
        weights: By block, its weight in the model of all measured languages.
        titles: By block, its name for people.
        unused: Titles of blocks that some measured languages lack.
    """

    left_out: tuple[LanguageForecast, ...]
    left_out_without: Mapping[tuple[str, ...], tuple[LanguageForecast, ...]]
    targets: tuple[LanguageForecast, ...]
    weights: Mapping[str, float]
    titles: Mapping[str, str]
    unused: tuple[str, ...]


def forecast(
    request: ForecastRequest, advance: Callable[[str], None] = lambda _: None
) -> Forecasts:
    """Forecasts each target, and each measured language without its own score.

    Args:
        request: What is forecast from what.
        advance: Called with each measured language that was left out.
    """
    rows = [*request.measured, *request.targets]
    far = nearness(rows, len(request.measured))
    every = language_blocks(rows, request.source, request.evidence, far)
    fitted = np.arange(len(request.measured))
    scores = np.array(request.scores)
    shared = usable(every, fitted)
    models: dict[tuple[str, ...], tuple[BlockRidge, LeftOutModels | None]] = {}
    left_out: dict[tuple[str, ...], tuple[LanguageForecast, ...]] = {}

    def without_each(blocks: Sequence[Block]) -> LeftOutModels:
        return LeftOutModels.fit(blocks, scores, request.level, lambda row: advance(rows[row].code))

    def measured(without: LeftOutModels) -> tuple[LanguageForecast, ...]:
        return tuple(
            replace(
                _forecast(rows[row], prediction, _nearest(rows, far[row], fitted[fitted != row])),
                measured=float(scores[row]),
            )
            for row, prediction in enumerate(without.predictions)
        )

    names = tuple(block.name for block in shared)
    complete, all_without = BlockRidge.fit(shared, scores, fitted), without_each(shared)
    models[names] = complete, all_without
    targets = []
    for row in range(len(fitted), len(rows)):
        blocks = usable(shared, fitted, row)
        names = tuple(block.name for block in blocks)
        model, without = models.get(names) or (BlockRidge.fit(blocks, scores, fitted), None)
        prediction = model.predict(row, request.level)
        unlike = unlikeness(rows[row], row, model, blocks, prediction, far, fitted)
        lacking = tuple(block.title for block in shared if block.name not in names)
        if not unlike:
            if without is None:
                without = without_each(blocks)
                left_out[lacking] = measured(without)
            low, high = without.interval(row, request.level)
            prediction = replace(prediction, low=low, high=high)
        models[names] = model, without
        nearest = _nearest(rows, far[row], fitted)
        targets.append(replace(_forecast(rows[row], prediction, nearest, unlike), lacking=lacking))
    return Forecasts(
        measured(all_without),
        left_out,
        tuple(targets),
        dict(zip(complete.blocks, complete.weights, strict=True)),
        {block.name: block.title for block in every},
        tuple(block.title for block in every if block.name not in complete.blocks),
    )


def _forecast(
    language: LanguageRow,
    prediction: Prediction,
    nearest: tuple[str, ...],
    unlike: tuple[str, ...] = (),
) -> LanguageForecast:
    if unlike:
        return LanguageForecast(language, None, None, None, unlike, {}, nearest)
    value, low, high = (
        float(np.clip(end, 0, 1)) for end in (prediction.value, prediction.low, prediction.high)
    )
    return LanguageForecast(language, value, low, high, (), prediction.parts, nearest)


def _nearest(rows: Sequence[LanguageRow], far: Array, among: Rows) -> tuple[str, ...]:
    known = [row for row in among if not np.isnan(far[row])]
    return tuple(rows[row].code for row in sorted(known, key=lambda row: float(far[row]))[:_SHOWN])
