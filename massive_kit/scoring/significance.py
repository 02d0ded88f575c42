"""Paired tests on parallel data: two systems on the same utterances in all locales.

Both tests treat an utterance id as the unit, in all locales at once. The bootstrap draws ids and
gives an interval; the randomisation test swaps the systems' answers on random ids and gives the
p-value that decisions rest on.

What is not defined for one of the systems is NaN throughout. A resample that leaves one of the
scores undefined is left out of interval and bootstrap p-value, and counts as no smaller difference
in the randomisation test.

Counting ends at one over the number of resamples plus one, which does not survive a correction over
very many tests. Where no resample is as large as the difference, `PairedTest.p_tail` goes on below
that: the sum of n numbers with random signs exceeds its standard error by a factor of z or more
with at most 3.18 times the probability of a normal variable (Bentkus and Dzindzalieta 2015, a tight
Gaussian bound for weighted sums of Rademacher random variables), for any n. That is the null
distribution of a difference of accuracies; for a slot F1 it holds as nearly as F1 is linear in its
counts. The standard error is that of the resamples, made larger by three of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.scoring.bootstrap import (
    LEAST_UNITS,
    Units,
    flips,
    percentile,
    resampled_sums,
    weights,
)
from massive_kit.scoring.metrics import Ratio
from massive_kit.scoring.statistics import SufficientStatistics

Sums = Mapping[str, NDArray[Any]]
# Scores (by metric, shape (..., keys)) from sums over locales (by column, shape (..., locales)).
Scorer = Callable[[Sums], dict[str, NDArray[np.float64]]]

TEST_RESAMPLES = 10_000
# Below this a difference counts as shown.
LEVEL = 0.05
# The tightest constant there is: 1 / (4 P(Z >= sqrt(2))).
_RADEMACHER = 3.178


@dataclass(frozen=True, slots=True)
class PairedTest:
    """The difference between two systems in one metric; arrays of shape (keys,), NaN for no test.

    Attributes:
        first: Score of the first system.
        second: Score of the second system.
        low: Lower end of the 95 % interval of second minus first.
        high: Upper end.
        p_bootstrap: Two-sided p-value of the paired bootstrap.
        p: Two-sided p-value of the approximate randomisation test, counted.
        p_tail: The same; where no resample is as large as the difference, the bound of its tail
            instead if that is smaller. For corrections over more tests than counting serves.
    """

    first: NDArray[np.float64]
    second: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    p_bootstrap: NDArray[np.float64]
    p: NDArray[np.float64]
    p_tail: NDArray[np.float64]

    @property
    def difference(self) -> NDArray[np.float64]:
        """Second minus first."""
        return self.second - self.first


def paired_tests(
    first: SufficientStatistics,
    second: SufficientStatistics,
    metrics: Sequence[Ratio],
    scorer: Scorer,
    *,
    resamples: int = TEST_RESAMPLES,
    seed: int = 0,
) -> dict[str, PairedTest]:
    """Tests the difference of two systems in each metric and for each key of the scorer.

    Args:
        first: Counts of one system.
        second: Counts of the other, on the same utterances in the same order.
        metrics: The metrics that the scorer gives.
        scorer: Turns sums over locales into scores.
        resamples: Of each test. With 10,000 the smallest counted p-value is 0.0001.
        seed: Of both tests.
    """
    units = Units.of(first)
    columns = tuple(dict.fromkeys(name for metric in metrics for name in metric.columns))
    ours = {name: first.sums(name) for name in columns}
    theirs = {name: second.sums(name) for name in columns}
    before, after = scorer(ours), scorer(theirs)
    names = [metric.name for metric in metrics]

    drawn: dict[str, list[NDArray[np.float64]]] = {name: [] for name in names}
    both = zip(
        resampled_sums(first, columns, weights(len(units), resamples, seed, units.strata), units),
        resampled_sums(second, columns, weights(len(units), resamples, seed, units.strata), units),
        strict=True,
    )
    for first_sums, second_sums in both:
        low, high = scorer(first_sums), scorer(second_sums)
        for name in names:
            drawn[name].append(high[name] - low[name])

    # Counted block by block, for only the number of larger differences is needed.
    larger = {name: np.zeros(before[name].shape) for name in names}
    squares = {name: np.zeros(before[name].shape) for name in names}
    both = zip(
        resampled_sums(first, columns, flips(len(units), resamples, seed), units),
        resampled_sums(second, columns, flips(len(units), resamples, seed), units),
        strict=True,
    )
    for first_sums, second_sums in both:
        moved = {name: second_sums[name].astype(np.float64) - first_sums[name] for name in columns}
        low = scorer({name: ours[name] + moved[name] for name in columns})
        high = scorer({name: theirs[name] - moved[name] for name in columns})
        for name in names:
            observed = np.abs(after[name] - before[name])
            gaps = high[name] - low[name]
            larger[name] += (~(np.abs(gaps) < observed - 1e-12)).sum(axis=0)
            squares[name] += np.square(gaps).sum(axis=0)

    tests = {}
    for name in names:
        differences = np.concatenate(drawn[name])
        if len(units) < LEAST_UNITS:
            differences = np.full_like(differences, np.nan)
        bounds = percentile(differences)
        gaps = after[name] - before[name]
        p = np.where(np.isnan(gaps), np.nan, (larger[name] + 1) / (resamples + 1))
        tail = _tail(gaps, np.sqrt(squares[name] / resamples), resamples)
        tests[name] = PairedTest(
            before[name],
            after[name],
            bounds.low,
            bounds.high,
            np.where(np.isnan(bounds.low), np.nan, _two_sided(differences)),
            p,
            np.where(larger[name] == 0, np.minimum(p, tail), p),
        )
    return tests


def _tail(
    gaps: NDArray[np.float64], errors: NDArray[np.float64], resamples: int
) -> NDArray[np.float64]:
    """What a two-sided p-value is at most, from the standard error under the null hypothesis."""
    # Swaps are symmetric, so the mean is 0 and known; a standard error from R resamples has a
    # relative standard error of 1 / sqrt(2 R).
    errors = errors * (1 + 3 / math.sqrt(2 * resamples))
    p = np.ones(gaps.shape)
    for i, (gap, error) in enumerate(zip(gaps.tolist(), errors.tolist(), strict=True)):
        if error > 0:
            p[i] = min(1.0, _RADEMACHER * math.erfc(abs(gap) / error / math.sqrt(2)))
    return p


def _two_sided(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    below = (differences <= 0).sum(axis=0)
    above = (differences >= 0).sum(axis=0)
    drawn = (~np.isnan(differences)).sum(axis=0)
    tail: NDArray[np.float64] = (np.minimum(below, above) + 1) / (drawn + 1)
    return np.minimum(2 * tail, 1.0)


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Holm's adjusted p-values over all entries (Holm 1979); compare them with 0.05.

    NaN is no test: it stays, and the others are not corrected for it.
    """
    flat = p.ravel()
    # NaN sorts last.
    order = np.argsort(flat, kind="stable")[: int((~np.isnan(flat)).sum())]
    scaled = flat[order] * np.arange(len(order), 0, -1)
    adjusted = np.full_like(flat, np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return adjusted.reshape(p.shape)
