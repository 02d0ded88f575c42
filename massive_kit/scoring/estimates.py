"""Point scores with their intervals, of locales, groups and averages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.schema.metrics import AVERAGES
from massive_kit.schema.scores import Estimate, GroupScores
from massive_kit.scoring.averages import Scope, Scopes
from massive_kit.scoring.bootstrap import Resamples, percentile, resample
from massive_kit.scoring.metrics import MAIN, METRICS, MORE, PARTS
from massive_kit.scoring.replicates import Replicates
from massive_kit.scoring.statistics import SufficientStatistics
from massive_kit.scoring.undefined import estimate


class Estimates:
    """Point scores and intervals of everything that a system is scored on.

    Averages and groups run over the locales that have the score.

    Args:
        statistics: The counts.
        scopes: What the scores are of.
        drawn: The metrics on resamples of the counts; `None` for no intervals.
        more: Metrics that no ratio of counts gives, by name; shape (locales,), and pooled.
    """

    def __init__(
        self,
        statistics: SufficientStatistics,
        scopes: Scopes,
        drawn: Resamples | None,
        more: Mapping[str, tuple[NDArray[np.float64], float]] | None = None,
    ) -> None:
        columns = dict.fromkeys(name for metric in METRICS for name in metric.columns)
        sums = {name: statistics.sums(name) for name in columns}
        pooled_sums = {name: values[scopes.averaged].sum() for name, values in sums.items()}
        self._scopes = scopes
        self._drawn = drawn
        self._values: dict[str, NDArray[np.float64]] = {}
        self._low: dict[str, NDArray[np.float64]] = {}
        self._high: dict[str, NDArray[np.float64]] = {}
        self._replicates: dict[str, NDArray[np.float64]] = {}
        self._more = [metric.name for metric in MORE]
        for metric in METRICS:
            self._add(metric.name, metric(sums), metric(pooled_sums))
        for name, (by_locale, pooled) in (more or {}).items():
            self._more.append(name)
            self._add(name, by_locale, np.array(pooled))

    def _add(self, name: str, by_locale: NDArray[np.float64], pooled: NDArray[np.float64]) -> None:
        scored = ~np.isnan(by_locale)
        scopes = self._scopes if scored.all() else self._scopes.among(scored)
        self._values[name] = scopes.spread(by_locale, pooled)
        if self._drawn is None or name not in self._drawn.locales:
            nothing = np.full(len(scopes.names), np.nan)
            self._low[name], self._high[name] = nothing, nothing
            return
        # The same locales as the score itself: what a resample lacks does not change an average.
        self._replicates[name] = scopes.spread(self._drawn.locales[name], self._drawn.pooled[name])
        bounds = percentile(self._replicates[name])
        self._low[name], self._high[name] = bounds.low, bounds.high

    def of(self, kind: str, key: str) -> dict[str, Any]:
        """Every metric of a locale, as the fields of a `ScoreSet`.

        Raises:
            KeyError: That is not scored.
        """
        place = self._scopes.positions[Scope(kind, key)]
        estimates = {
            name: estimate(values[place], self._low[name][place], self._high[name][place])
            for name, values in self._values.items()
        }
        more = {name: known for name in self._more if (known := estimates[name]) is not None}
        return {metric.name: estimates[metric.name] for metric in (*MAIN, *PARTS)} | {"more": more}

    def mean(self, kind: str, key: str) -> dict[str, Any]:
        """Every metric of a group or an average, as the fields of a `MeanScores`.

        Raises:
            KeyError: That is not scored.
        """
        members = self._scopes.members(Scope(kind, key))
        scored = {
            name: int((~np.isnan(values[members])).sum()) for name, values in self._values.items()
        }
        over = {name: count for name, count in scored.items() if 0 < count < len(members)}
        return self.of(kind, key) | {"over": over}

    def replicates(self, locales: Sequence[str]) -> Replicates:
        """The main metrics of locales and averages under resampling, for `stats.npz`."""
        assert self._drawn is not None
        kept = [
            *(Scope("locale", locale) for locale in locales),
            *(Scope("average", average) for average in AVERAGES),
        ]
        places = [self._scopes.positions[scope] for scope in kept]
        values = np.stack([self._replicates[metric.name][:, places] for metric in MAIN], axis=-1)
        point = np.stack([self._values[metric.name][places] for metric in MAIN], axis=-1)
        keys = tuple(f"{scope.kind}:{scope.key}" for scope in kept)
        return Replicates(keys, point, values.astype(np.float32), self._drawn.key)


def group_scores(
    statistics: SufficientStatistics, scopes: Scopes, resamples: int, seed: int
) -> dict[str, dict[str, GroupScores]]:
    """Scores of groups from counts alone, by column and value."""
    drawn = resample(statistics, METRICS, scopes.averaged, resamples, seed) if resamples else None
    estimates = Estimates(statistics, scopes, drawn)
    scores: dict[str, dict[str, GroupScores]] = {}
    for group in scopes.groups:
        scores.setdefault(group.by, {})[group.name] = GroupScores(
            **estimates.mean(group.by, group.name), locales=list(group.locales)
        )
    return scores


@dataclass(frozen=True, slots=True)
class PooledScores:
    """The main metrics over some utterances alike.

    Attributes:
        estimates: By metric; `None` where there is no such score.
        point: Shape (3,), the same in the order of `MAIN_METRICS`; NaN where there is none.
        draws: Shape (resamples, 3), the same on each resample; `None` without resampling.
    """

    estimates: dict[str, Estimate | None]
    point: NDArray[np.float64]
    draws: NDArray[np.float64] | None


def pooled_scores(
    statistics: SufficientStatistics, resamples: int, seed: int, *, parallel: bool | None = None
) -> PooledScores:
    """The main metrics over all utterances alike, with intervals where there are resamples.

    Args:
        statistics: Counts.
        resamples: Bootstrap resamples; 0 for no intervals.
        seed: Of the resampling.
        parallel: As `Units.of` has it, for a part of a corpus.
    """
    everyone = np.arange(len(statistics.locales))
    drawn = (
        resample(statistics, MAIN, everyone, resamples, seed, parallel=parallel)
        if resamples
        else None
    )
    made = {}
    point = []
    for metric in MAIN:
        sums = {name: statistics.sums(name).sum(keepdims=True) for name in metric.columns}
        low = high = np.nan
        if drawn:
            bounds = percentile(drawn.pooled[metric.name])
            low, high = float(bounds.low), float(bounds.high)
        point.append(float(metric(sums)[0]))
        made[metric.name] = estimate(point[-1], low, high)
    draws = np.stack([drawn.pooled[metric.name] for metric in MAIN], axis=-1) if drawn else None
    return PooledScores(made, np.array(point), draws)


def pooled_estimates(
    statistics: SufficientStatistics, resamples: int, seed: int, *, parallel: bool | None = None
) -> dict[str, Estimate | None]:
    """The estimates of `pooled_scores` alone."""
    return pooled_scores(statistics, resamples, seed, parallel=parallel).estimates
