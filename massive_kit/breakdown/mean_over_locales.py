"""Means of systems over the same locales, whichever locales each of them is averaged over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from massive_kit.schema.metrics import MAIN_METRICS
from massive_kit.schema.scores import Difference, Estimate, LocaleScores
from massive_kit.scoring.bootstrap import percentile
from massive_kit.scoring.replicates import Replicates


def mean_over(
    names: Sequence[str],
    locales: Mapping[str, LocaleScores],
    metric: str,
    replicates: Replicates | None = None,
) -> Estimate | None:
    """The mean of some locales' scores; `None` where one of them has none.

    Args:
        names: The locales, at least one.
        locales: The scores of a system.
        metric: One of the main metrics.
        replicates: The same scores on each resample, for the interval.
    """
    values = [getattr(locales[name], metric) for name in names]
    if not values or any(value is None for value in values):
        return None
    mean = float(np.mean([value.value for value in values]))
    drawn = None if replicates is None else _drawn(names, metric, replicates)
    if drawn is None:
        return Estimate(value=mean)
    bounds = percentile(drawn)
    return Estimate(value=mean, low=_inside(float(bounds.low)), high=_inside(float(bounds.high)))


def difference_over(
    names: Sequence[str],
    metric: str,
    first: tuple[Estimate, Replicates | None],
    second: tuple[Estimate, Replicates | None],
) -> Difference:
    """Second minus first of two such means; with an interval where both were resampled alike.

    Args:
        names: The locales.
        metric: One of the main metrics.
        first: A system's mean, and its replicates.
        second: Another's.
    """
    gap = round(second[0].value - first[0].value, 9)
    before, after = first[1], second[1]
    if before is None or after is None or not before.comparable(after):
        return Difference(value=gap)
    old, new = _drawn(names, metric, before), _drawn(names, metric, after)
    if old is None or new is None:
        return Difference(value=gap)
    bounds = percentile(new - old)
    return Difference(value=gap, low=float(bounds.low), high=float(bounds.high))


def _drawn(names: Sequence[str], metric: str, replicates: Replicates) -> NDArray[np.float64] | None:
    place = {key: i for i, key in enumerate(replicates.keys)}
    keys = [f"locale:{name}" for name in names]
    if any(key not in place for key in keys):
        return None
    columns = [place[key] for key in keys]
    values = replicates.values[:, columns, MAIN_METRICS.index(metric)].astype(np.float64)
    means: NDArray[np.float64] = values.mean(axis=1)
    return None if np.isnan(means).any() else means


def _inside(value: float) -> float:
    return min(max(value, 0.0), 1.0)
