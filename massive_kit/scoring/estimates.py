"""Point scores with their intervals: of locales, of means over locales, and pooled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from massive_kit.schema.metrics import AVERAGES
from massive_kit.schema.scores import Estimate, GroupScores
from massive_kit.scoring.averages import Means
from massive_kit.scoring.bootstrap import Bounds, Resamples, percentile, resample
from massive_kit.scoring.metrics import MAIN, METRICS, MORE, PARTS
from massive_kit.scoring.replicates import Replicates
from massive_kit.scoring.statistics import SufficientStatistics


class Estimates:
    """Point scores and intervals of locales, means and the pooled average, by metric."""

    def __init__(
        self,
        statistics: SufficientStatistics,
        averaged: NDArray[np.int64],
        rows: Means,
        drawn: Resamples | None,
    ) -> None:
        columns = dict.fromkeys(name for metric in METRICS for name in metric.columns)
        sums = {name: statistics.sums(name) for name in columns}
        together = {name: np.array([own[averaged].sum()]) for name, own in sums.items()}
        self._drawn = drawn
        self._values: dict[str, list[float]] = {}
        self._low: dict[str, list[float]] = {}
        self._high: dict[str, list[float]] = {}
        self._replicates: dict[str, NDArray[np.float64]] = {}
        self._locales = len(statistics.locales)
        for metric in METRICS:
            name = metric.name
            local = metric(sums)
            every = (local, rows.of(local), metric(together))
            self._values[name] = np.concatenate(every).tolist()
            if drawn is None:
                continue
            own = drawn.locales[name]
            # Locales, groups, the two means, pooled: the order of `_values`.
            stacked = np.column_stack([own, rows.of(own), drawn.pooled[name]])
            self._replicates[name] = stacked
            bounds: Bounds = percentile(stacked)
            self._low[name], self._high[name] = bounds.low.tolist(), bounds.high.tolist()

    def _at(self, place: int) -> dict[str, Estimate]:
        return {
            metric.name: Estimate(
                value=clip(self._values[metric.name][place]),
                low=clip(self._low[metric.name][place]) if self._drawn else None,
                high=clip(self._high[metric.name][place]) if self._drawn else None,
            )
            for metric in METRICS
        }

    def locale(self, i: int) -> dict[str, Estimate]:
        """The locale at a position."""
        return self._at(i)

    def mean(self, k: int) -> dict[str, Estimate]:
        """The mean at a row of the matrix; -2 is over locales and -1 over genera."""
        # Pooled stands last, so that counting from the end is off by one.
        return self._at(self._locales + k if k >= 0 else k - 1)

    def pooled(self) -> dict[str, Estimate]:
        """All utterances of the averaged locales together."""
        return self._at(-1)

    def stored(self, locales: Sequence[str]) -> Replicates:
        """Locales and averages under resampling, for `stats.npz`."""
        assert self._drawn is not None
        count = self._locales
        chosen = [*range(count), -1, -3, -2]
        values = np.stack([self._replicates[m.name][:, chosen] for m in MAIN], axis=-1)
        keys = [f"locale:{locale}" for locale in locales] + [f"average:{a}" for a in AVERAGES]
        point = np.stack([np.array(self._values[m.name])[chosen] for m in MAIN], axis=-1)
        return Replicates(tuple(keys), point, values.astype(np.float32), self._drawn.key)


def clip(value: float) -> float:
    """A score within 0..1."""
    # A mean of ones may come out a rounding error above one.
    return min(max(float(value), 0.0), 1.0)


def group_scores(
    statistics: SufficientStatistics, rows: Means, resamples: int, seed: int
) -> dict[str, dict[str, GroupScores]]:
    """Scores of groups from counts alone, by column and value."""
    everyone = np.arange(len(statistics.locales))
    drawn = resample(statistics, METRICS, everyone, resamples, seed) if resamples else None
    estimates = Estimates(statistics, everyone, rows, drawn)
    found: dict[str, dict[str, GroupScores]] = {}
    for k, group in enumerate(rows.groups):
        own = estimates.mean(k)
        found.setdefault(group.by, {})[group.name] = GroupScores(
            **{metric.name: own[metric.name] for metric in (*MAIN, *PARTS)},
            more={metric.name: own[metric.name] for metric in MORE},
            locales=list(group.locales),
        )
    return found
