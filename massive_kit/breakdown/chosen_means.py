"""Means over languages that a reader may choose, from scores of locales and their replicates.

No resample is drawn here: a mean of locales is the same mean on each resample that `stats.npz`
stores, so that its interval and its paired tests are those of the bootstrap over shared ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.languages import LanguageTable
from massive_kit.languages.world.table import WorldTable
from massive_kit.schema.metrics import CHOSEN_MEANS, MAIN_METRICS, METRIC_INFO, ChosenMean
from massive_kit.schema.scores import Estimate, LocaleScores, MeanScores
from massive_kit.scoring.averages import members_by
from massive_kit.scoring.bootstrap import percentile
from massive_kit.scoring.replicates import Replicates

WORST = 10
# What the mean over scripts and over families counts as one.
_COLUMNS: Mapping[ChosenMean, str] = {"macro_families": "family", "macro_scripts": "script"}


@dataclass(frozen=True, slots=True)
class ChosenMeans:
    """The means of one system.

    Attributes:
        scores: By mean; a mean that is not defined is absent.
        worst: The locales that the mean over the worst ones runs over, in the metric that ranks.
        replicates: The replicates of the system, with the means added as `average:macro_families`
            and so on; `None` where there are none.
    """

    scores: Mapping[ChosenMean, MeanScores]
    worst: tuple[str, ...]
    replicates: Replicates | None


@dataclass(frozen=True, slots=True)
class _Weights:
    """Shape (means, locales), each row sums to 1, or to 0 where there is no such mean."""

    matrix: NDArray[np.float64]

    @property
    def over(self) -> list[int]:
        """Over how many locales each mean runs."""
        return [int(count) for count in (self.matrix > 0).sum(axis=1)]


class MeanMaker:
    """Makes the means of systems; what depends on the languages alone is made once.

    Args:
        table: The languages; a column `speakers` of it goes before the table of the world's
            languages.
        metric: The metric that ranks.
    """

    def __init__(self, table: LanguageTable, metric: str) -> None:
        self._table = table
        self._metric = MAIN_METRICS.index(metric)
        self._made: dict[tuple[str, ...], NDArray[np.float64]] = {}

    def of(
        self,
        averaged: Sequence[str],
        locales: Mapping[str, LocaleScores],
        replicates: Replicates | None = None,
    ) -> ChosenMeans:
        """The means of a system.

        Args:
            averaged: The locales that its averages run over.
            locales: The scores of its locales.
            replicates: The same on each resample.
        """
        names = [name for name in averaged if name in locales]
        points = np.array(
            [[_value(locales[name], metric) for metric in MAIN_METRICS] for name in names],
        ).reshape(len(names), len(MAIN_METRICS))
        weights = [self._weights(names, points[:, m], m) for m in range(len(MAIN_METRICS))]
        means = np.stack([_mean(points[:, m], weights[m]) for m in range(len(MAIN_METRICS))], -1)
        drawn = _drawn(replicates, names, weights) if replicates else None
        bounds = None if drawn is None else percentile(drawn)
        over = {metric: weights[m].over for m, metric in enumerate(MAIN_METRICS)}
        scores = {}
        for i, mean in enumerate(CHOSEN_MEANS):
            values: dict[str, Any] = {}
            for m, metric in enumerate(MAIN_METRICS):
                ends = (np.nan, np.nan) if bounds is None else (bounds.low[i, m], bounds.high[i, m])
                values[metric] = _estimate(float(means[i, m]), *map(float, ends))
            if any(values.values()):
                values["over"] = {name: n[i] for name, n in over.items() if n[i] < len(names)}
                scores[mean] = MeanScores(**values)
        worst = weights[self._metric].matrix[CHOSEN_MEANS.index("worst_ten")] > 0
        chosen = [(points[i, self._metric], names[i]) for i in range(len(names)) if worst[i]]
        longer = None if replicates is None or drawn is None else _with(replicates, means, drawn)
        return ChosenMeans(scores, tuple(name for _, name in sorted(chosen)), longer)

    def _weights(self, names: Sequence[str], points: NDArray[np.float64], metric: int) -> _Weights:
        scored = np.flatnonzero(~np.isnan(points))
        key = tuple(names[int(i)] for i in scored)
        if key not in self._made:
            self._made[key] = self._of_languages(key)
        matrix = np.zeros((len(CHOSEN_MEANS), len(names)))
        matrix[:, scored] = self._made[key]
        if len(scored) > WORST:
            gains = METRIC_INFO[MAIN_METRICS[metric]].gain(1) * points[scored]
            worst = scored[np.argsort(gains, kind="stable")[:WORST]]
            matrix[CHOSEN_MEANS.index("worst_ten"), worst] = 1 / WORST
        return _Weights(matrix)

    def _of_languages(self, locales: tuple[str, ...]) -> NDArray[np.float64]:
        """The weights of all means but that over the worst, which scores decide."""
        matrix = np.zeros((len(CHOSEN_MEANS), len(locales)))
        position = {locale: i for i, locale in enumerate(locales)}
        for mean, column in _COLUMNS.items():
            groups = members_by(self._table, column, locales)
            for members in groups:
                at = [position[locale] for locale in members]
                matrix[CHOSEN_MEANS.index(mean), at] = 1 / (len(groups) * len(members))
        users = speakers(self._table, locales)
        total = sum(users.values())
        for locale, count in users.items():
            matrix[CHOSEN_MEANS.index("weighted_speakers"), position[locale]] = count / total
        return matrix


def speakers(table: LanguageTable, locales: Sequence[str]) -> dict[str, float]:
    """How many people use the language of each locale, where that is known.

    Locales of one language share its users alike: those of Chinese are not counted twice because
    two locales write it.

    Args:
        table: Its column `speakers`, if it has one, holds the numbers; else they are those of the
            table of the world's languages, after Unicode CLDR.
        locales: The locales.
    """
    if "speakers" in table.columns:
        written = {locale: table[locale].get("speakers") or "" for locale in locales}
        return {locale: float(n) for locale, n in written.items() if n.isdecimal() and int(n)}
    world = WorldTable.shipped()
    known = {locale: row for locale in locales if (row := world.find(locale)) is not None}
    codes = [language.code for language in known.values()]
    return {
        locale: language.speakers / codes.count(language.code)
        for locale, language in known.items()
        if language.speakers
    }


def _value(scores: LocaleScores, metric: str) -> float:
    estimate: Estimate | None = getattr(scores, metric)
    return np.nan if estimate is None else estimate.value


def _mean(values: NDArray[np.float64], weights: _Weights) -> NDArray[np.float64]:
    """Means along the last axis, NaN where a locale with weight is, or where there is no mean."""
    missing = np.isnan(values)
    means: NDArray[np.float64] = np.where(missing, 0.0, values) @ weights.matrix.T
    if missing.any():
        used = (weights.matrix > 0).astype(np.float32)
        means[missing.astype(np.float32) @ used.T > 0] = np.nan
    means[..., ~weights.matrix.any(axis=1)] = np.nan
    return means


def _drawn(
    replicates: Replicates, names: Sequence[str], weights: Sequence[_Weights]
) -> NDArray[np.float64] | None:
    """Shape (resamples, means, 3), the means on each resample."""
    place = {key: i for i, key in enumerate(replicates.keys)}
    keys = [f"locale:{name}" for name in names]
    if not keys or any(key not in place for key in keys):
        return None
    at = [place[key] for key in keys]
    by_metric = [
        _mean(replicates.values[:, at, m].astype(np.float64), weights[m])
        for m in range(len(MAIN_METRICS))
    ]
    return np.stack(by_metric, axis=-1)


def _with(
    replicates: Replicates, means: NDArray[np.float64], drawn: NDArray[np.float64]
) -> Replicates:
    keys = tuple(f"average:{mean}" for mean in CHOSEN_MEANS)
    # What the whole has no score of has none on a resample either.
    drawn = np.where(np.isnan(means), np.nan, drawn)
    return replace(
        replicates,
        keys=(*replicates.keys, *keys),
        point=np.concatenate([replicates.point, means]),
        values=np.concatenate([replicates.values, drawn.astype(np.float32)], axis=1),
    )


def _estimate(value: float, low: float, high: float) -> Estimate | None:
    if np.isnan(value):
        return None
    value = _within(value)
    if np.isnan(low) or np.isnan(high):
        return Estimate(value=value)
    return Estimate(value=value, low=_within(low), high=_within(high))


def _within(value: float) -> float:
    # Weights that add up to 1 but for the last digit must not make a score of more than all.
    return round(min(max(value, 0.0), 1.0), 9)
