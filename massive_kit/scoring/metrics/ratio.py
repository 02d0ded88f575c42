"""Metrics that divide one sum of counts by another, so that they can be resampled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.schema.metrics import MetricInfo


@dataclass(frozen=True, slots=True)
class Ratio:
    """A metric in 0..1: weighted sum of columns over weighted sum of columns.

    Attributes:
        info: How people read it.
        above: Weight of each column of `SufficientStatistics` in the numerator.
        below: The same for the denominator; `n` counts utterances.
        needs: The columns of which one must count something, else the metric is not defined; by
            default those of the denominator. Where they do and the denominator is 0, so is the
            metric.
    """

    info: MetricInfo
    above: Mapping[str, float]
    below: Mapping[str, float]
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As in `scores.json`."""
        return self.info.name

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs."""
        return tuple(dict.fromkeys((*self.above, *self.below, *self.needs)))

    def __call__(self, sums: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
        """The metric from sums of one shape; NaN where it is not defined."""
        above = _weighted(self.above, sums)
        below = _weighted(self.below, sums)
        needed = _weighted(dict.fromkeys(self.needs, 1.0), sums) if self.needs else below
        values = np.where(needed > 0, 0.0, np.nan)
        return np.divide(above, below, out=values, where=below > 0)


def _weighted(
    weights: Mapping[str, float], sums: Mapping[str, NDArray[Any]]
) -> NDArray[np.float64]:
    total = None
    for name, weight in weights.items():
        part = np.asarray(sums[name], np.float64) * weight
        total = part if total is None else total + part
    assert total is not None
    return total
