"""Point scores with their intervals, of locales, groups and averages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from massive_kit.schema.metrics import AVERAGES
from massive_kit.schema.scores import Estimate, GroupScores
from massive_kit.scoring.averages import Scope, Scopes
from massive_kit.scoring.bootstrap import Resamples, percentile, resample
from massive_kit.scoring.metrics import MAIN, METRICS, MORE, PARTS
from massive_kit.scoring.replicates import Replicates
from massive_kit.scoring.statistics import SufficientStatistics


class Estimates:
    """Point scores and intervals of everything that a system is scored on.

    Args:
        statistics: The counts.
        scopes: What the scores are of.
        drawn: The metrics on resamples of the counts; `None` for no intervals.
    """

    def __init__(
        self, statistics: SufficientStatistics, scopes: Scopes, drawn: Resamples | None
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
        for metric in METRICS:
            name = metric.name
            self._values[name] = scopes.spread(metric(sums), metric(pooled_sums))
            if drawn is None:
                continue
            self._replicates[name] = scopes.spread(drawn.locales[name], drawn.pooled[name])
            bounds = percentile(self._replicates[name])
            self._low[name], self._high[name] = bounds.low, bounds.high

    def of(self, kind: str, key: str) -> dict[str, Estimate]:
        """Every metric of a locale, a group or an average.

        Raises:
            KeyError: That is not scored.
        """
        place = self._scopes.positions[Scope(kind, key)]
        return {
            metric.name: Estimate(
                value=clip(self._values[metric.name][place]),
                low=clip(self._low[metric.name][place]) if self._drawn else None,
                high=clip(self._high[metric.name][place]) if self._drawn else None,
            )
            for metric in METRICS
        }

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


def clip(value: float) -> float:
    """A score within 0..1."""
    # A mean of ones may come out a rounding error above one.
    return min(max(float(value), 0.0), 1.0)


def group_scores(
    statistics: SufficientStatistics, scopes: Scopes, resamples: int, seed: int
) -> dict[str, dict[str, GroupScores]]:
    """Scores of groups from counts alone, by column and value."""
    drawn = resample(statistics, METRICS, scopes.averaged, resamples, seed) if resamples else None
    estimates = Estimates(statistics, scopes, drawn)
    scores: dict[str, dict[str, GroupScores]] = {}
    for group in scopes.groups:
        values = estimates.of(group.by, group.name)
        scores.setdefault(group.by, {})[group.name] = GroupScores(
            **{metric.name: values[metric.name] for metric in (*MAIN, *PARTS)},
            more={metric.name: values[metric.name] for metric in MORE},
            locales=list(group.locales),
        )
    return scores
