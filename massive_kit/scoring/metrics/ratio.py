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
        needs_scenarios: Whether a corpus without scenarios has no such score.
    """

    info: MetricInfo
    above: Mapping[str, float]
    below: Mapping[str, float]
    needs_scenarios: bool = False

    @property
    def name(self) -> str:
        """As in `scores.json`."""
        return self.info.name

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs."""
        return (*self.above, *(name for name in self.below if name not in self.above))

    def __call__(self, sums: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
        """The metric from sums of one shape; 0 where there is nothing to count, as in seqeval."""
        above = _weighted(self.above, sums)
        below = _weighted(self.below, sums)
        return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _weighted(
    weights: Mapping[str, float], sums: Mapping[str, NDArray[Any]]
) -> NDArray[np.float64]:
    total = None
    for name, weight in weights.items():
        part = np.asarray(sums[name], np.float64) * weight
        total = part if total is None else total + part
    assert total is not None
    return total
