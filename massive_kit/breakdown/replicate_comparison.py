"""Systems against each other, from the replicates that `stats.npz` stores."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.errors import UsageError
from massive_kit.schema.metrics import MAIN_METRICS, METRIC_INFO
from massive_kit.schema.scores import Difference, Estimate
from massive_kit.scoring.bootstrap import LEAST_DEFINED, percentile
from massive_kit.scoring.replicates import Replicates, load_replicates
from massive_kit.scoring.significance import LEVEL, holm

__all__ = [
    "LEVEL",
    "PairedDifference",
    "RankBand",
    "Replicates",
    "Tally",
    "bands_by_key",
    "bands_of",
    "load_replicates",
    "paired_differences",
    "plain_difference",
    "rank_bands",
]


# Below what single precision resolves.
_NO_ERROR = 1e-9
# erfc(1.38) is 0.0510, above the level.
_NEVER, _MARGIN = 1.38, 0.01


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Second minus first system in one metric.

    Attributes:
        key: What is scored, as in `Replicates.keys`.
        metric: The metric.
        difference: Second minus first.
        low: Lower end of the 95 % interval (percentiles of the paired differences).
        high: Upper end.
        p: Two-sided p-value from the standard error of the paired differences.
        p_holm: The same after Holm over all locales; for averages as `p`.
    """

    key: str
    metric: str
    difference: float
    low: float
    high: float
    p: float
    p_holm: float

    @property
    def significant(self) -> bool:
        """Whether the systems differ at the 5 % level after correction."""
        return self.p_holm < LEVEL


def paired_differences(
    first: Replicates, second: Replicates, keys: Sequence[str] | None = None
) -> list[PairedDifference]:
    """The differences of two systems for each key and main metric that both have a score of.

    Where too few resamples have both scores there is no difference either. The p-value is that of a
    normal distribution with the paired differences' standard error: with 1,000 stored resamples,
    counting would end at 0.001, which no correction over 51 locales survives.

    Args:
        first: One system.
        second: The other.
        keys: What to compare; by default all that both have.

    Raises:
        UsageError: The replicates were not drawn alike.
        KeyError: A key is not stored.
    """
    _same_draw([first, second])
    chosen = [key for key in first.keys if key in second.keys] if keys is None else list(keys)
    differences = []
    local = np.array([key.startswith("locale:") for key in chosen], bool)
    here = np.array([first.position(key) for key in chosen], np.int64)
    there = np.array([second.position(key) for key in chosen], np.int64)
    for m, metric in enumerate(MAIN_METRICS):
        gaps = second.point[there, m] - first.point[here, m]
        draws = second.values[:, there, m].astype(np.float64) - first.values[:, here, m]
        bounds = percentile(draws)
        p = np.array([_normal_p(gap, draw) for gap, draw in zip(gaps, draws.T, strict=True)])
        p[np.isnan(bounds.low)] = np.nan
        adjusted = p.copy()
        adjusted[local] = holm(p[local])
        differences += [
            PairedDifference(key, metric, *map(float, numbers))
            for key, *numbers in zip(
                chosen, gaps, bounds.low, bounds.high, p, adjusted, strict=True
            )
            if not np.isnan(numbers).any()
        ]
    return differences


def plain_difference(first: Estimate | None, second: Estimate | None) -> Difference | None:
    """Second minus first, where no test can be made; `None` where one of the two has no score."""
    if first is None or second is None:
        return None
    return Difference(value=round(second.value - first.value, 9))


@dataclass(frozen=True, slots=True)
class Tally:
    """On how many keys either of two systems is better.

    Attributes:
        first: The first is significantly better.
        second: The second is.
        neither: No difference is shown.
    """

    first: int
    second: int
    neither: int

    @classmethod
    def of(cls, tests: Sequence[PairedDifference]) -> Tally:
        """The tally of some paired differences."""
        gains = [METRIC_INFO[t.metric].gain(t.difference) for t in tests if t.significant]
        first, second = sum(gain < 0 for gain in gains), sum(gain > 0 for gain in gains)
        return cls(first, second, len(tests) - first - second)


def _normal_p(gap: float, draws: NDArray[np.float64]) -> float:
    draws = draws[~np.isnan(draws)]
    return _p_of(gap, float(draws.std(ddof=1)) if len(draws) > 1 else 0.0)


def _p_of(gap: float, error: float) -> float:
    if error < _NO_ERROR:
        return 1.0 if abs(gap) < _NO_ERROR else 0.0
    return math.erfc(abs(gap) / error / math.sqrt(2))


def _same_draw(systems: Sequence[Replicates]) -> None:
    for other in systems[1:]:
        if not systems[0].comparable(other):
            raise UsageError(
                "these systems were not resampled alike (other utterances, resamples or seed): "
                f"{systems[0].weights!r} and {other.weights!r}"
            )


@dataclass(frozen=True, slots=True)
class RankBand:
    """The ranks that a system may hold.

    Attributes:
        system: Its name.
        score: Its score.
        rank: Its rank by score, from 1; equal scores share a rank.
        best: 1 + the systems that are significantly better.
        worst: The systems minus those that are significantly worse.
    """

    system: str
    score: float
    rank: int
    best: int
    worst: int


def rank_bands(systems: Mapping[str, Replicates], key: str, metric: str) -> list[RankBand]:
    """Systems by falling score, with the ranks that paired tests leave open.

    Two systems differ where the paired difference is significant at the 5 % level after Holm over
    all pairs. A system without the score is left out.

    Raises:
        UsageError: The replicates were not drawn alike.
        KeyError: A system has nothing of that key.
    """
    _same_draw(list(systems.values()))
    scored = {
        name: system
        for name, system in systems.items()
        if not math.isnan(system.score(key, metric))
    }
    return bands_of(
        list(scored),
        np.array([system.score(key, metric) for system in scored.values()]),
        np.array([system.scores(key, metric) for system in scored.values()]),
    )


def bands_of(
    names: Sequence[str], points: NDArray[np.float64], draws: NDArray[np.floating[Any]]
) -> list[RankBand]:
    """Systems by falling score, with the ranks that paired tests leave open.

    Args:
        names: The systems.
        points: Shape (systems,), their scores.
        draws: Shape (systems, resamples), their scores on the same resamples; NaN where one is not
            defined. Such a resample is left out; with too many of them nothing can be tested, and
            there is no band.
    """
    count = len(names)
    defined = ~np.isnan(draws).any(axis=0)
    if not count or defined.sum() < LEAST_DEFINED * len(defined):
        return []
    if not defined.all():
        draws = draws[:, defined]
    order = sorted(range(count), key=lambda i: (-points[i], names[i]))
    points = points[order]
    apart = _apart(points, draws[order].astype(np.float64))
    better, worse = apart.sum(axis=0).tolist(), apart.sum(axis=1).tolist()
    ranks = (1 + np.searchsorted(-points, -points)).tolist()
    return [
        RankBand(names[i], score, rank, 1 + above, count - below)
        for i, score, rank, above, below in zip(
            order, points.tolist(), ranks, better, worse, strict=True
        )
    ]


def _apart(points: NDArray[np.float64], draws: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which systems differ significantly after Holm over all pairs.

    Most pairs of a large board are so far apart, or so near, that no p-value needs to be known:
    erfc(z) is below exp(-z^2), and what is below the level over the number of tests is significant
    in any order, what is above the level over those that are surely not in none.

    Args:
        points: Shape (systems,), falling.
        draws: Shape (systems, resamples).

    Returns:
        Shape (systems, systems): whether the one of the row is better than that of the column.
    """
    count, resamples = len(points), int(draws.shape[1])
    # The variance of all differences at once: var(a - b) = var(a) + var(b) - 2 cov(a, b).
    centred = draws - draws.mean(axis=1, keepdims=True)
    covariances = centred @ centred.T / max(resamples - 1, 1)
    variances = np.add.outer(covariances.diagonal(), covariances.diagonal()) - 2 * covariances
    np.maximum(variances, 0.0, out=variances)
    # z is the gap over its standard error and the root of 2. It is squared, as roots take longer.
    squares = np.square(np.subtract.outer(points, points))
    equal = variances < _NO_ERROR**2
    # As the p-value of one difference: without an error, any gap but none is one for sure.
    squares[equal] = np.where(squares[equal] < _NO_ERROR**2, 0.0, np.inf)
    variances *= 2
    pairs = count * (count - 1) // 2
    upper = np.triu(np.ones((count, count), bool), 1)
    sure = math.sqrt(math.log(max(pairs, 1) / LEVEL)) + _MARGIN
    apart: NDArray[np.bool_] = (squares > sure**2 * variances) & upper
    near = int(np.count_nonzero((squares <= _NEVER**2 * variances) & upper))
    least = _z_above(LEVEL / max(near, 1), sure)
    left, right = np.nonzero((squares > least**2 * variances) & upper & ~apart)
    z = np.sqrt(squares[left, right] / variances[left, right])
    p = np.array([math.erfc(value) for value in z.tolist()])
    # Holm (1979): those that are sure come before these, and those that are not come after.
    order = np.argsort(p)
    steps = np.arange(len(p)) + np.count_nonzero(apart)
    adjusted = np.maximum.accumulate(p[order] * (pairs - steps))
    significant = order[adjusted < LEVEL]
    apart[left[significant], right[significant]] = True
    return apart


def _z_above(p: float, highest: float) -> float:
    """A z, at least `_NEVER`, below which every p-value is above `p`."""
    low = _NEVER
    while highest - low > _MARGIN:
        middle = (low + highest) / 2
        low, highest = (middle, highest) if math.erfc(middle) > p else (low, middle)
    return low


def bands_by_key(
    systems: Iterable[tuple[str, Replicates]], metric: str
) -> dict[str, dict[str, RankBand]]:
    """The rank bands of those systems that were resampled alike, by what is scored and system.

    Where systems were resampled in several ways, only the largest party can be tested. One system
    after the other is taken, so that all of them need not be in memory at once.

    Args:
        systems: Their names and replicates.
        metric: What ranks them.
    """
    at = MAIN_METRICS.index(metric)
    sign = METRIC_INFO[metric].gain(1)
    parties: dict[tuple[str, int], dict[str, Replicates]] = {}
    draws: dict[str, NDArray[np.float32]] = {}
    for name, replicates in systems:
        # A copy of the one metric, and of none of the rest, so that the array can go: even an empty
        # part of it that is no copy would keep all of it.
        draws[name] = replicates.values[:, :, at].T.copy()
        nothing = replicates.values[:0].copy()
        bare = Replicates(replicates.keys, replicates.point, nothing, replicates.weights)
        parties.setdefault((bare.weights, draws[name].shape[1]), {})[name] = bare
    if not parties:
        return {}
    party = parties[max(parties, key=lambda drawn_as: (len(parties[drawn_as]), drawn_as))]
    places = {name: {key: i for i, key in enumerate(bare.keys)} for name, bare in party.items()}
    bands = {}
    for key in dict.fromkeys(key for bare in party.values() for key in bare.keys):
        names = [
            name
            for name in party
            if key in places[name] and not np.isnan(party[name].point[places[name][key], at])
        ]
        if key.startswith("average:") and key != "average:pooled":
            names = _averaged_alike({name: party[name] for name in names}, at)
        if not names:
            continue
        points = np.array([party[name].point[places[name][key], at] for name in names])
        drawn = np.array([draws[name][places[name][key]] for name in names])
        bands[key] = {band.system: band for band in bands_of(names, sign * points, sign * drawn)}
    return bands


def _averaged_alike(systems: Mapping[str, Replicates], at: int) -> list[str]:
    """The largest party of systems whose means run over the same locales."""
    parties: dict[frozenset[str], list[str]] = {}
    for name, bare in systems.items():
        absent = frozenset(
            key
            for key, score in zip(bare.keys, bare.point[:, at].tolist(), strict=True)
            if key.startswith("locale:") and math.isnan(score)
        )
        parties.setdefault(absent, []).append(name)
    return max(parties.values(), key=len, default=[])
