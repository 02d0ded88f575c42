"""The ranks that paired tests leave open, of many systems at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import SEEK_END
from tempfile import SpooledTemporaryFile
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from massive_kit.breakdown.replicate_comparison import NO_ERROR, same_draw
from massive_kit.schema.metrics import MAIN_METRICS, METRIC_INFO
from massive_kit.scoring.bootstrap import LEAST_DEFINED
from massive_kit.scoring.replicates import Replicates
from massive_kit.scoring.significance import LEVEL

# erfc(1.38) is 0.0510, above the level.
_NEVER, _MARGIN = 1.38, 0.01
# Of a number in single precision, and of all resamples of a metric that stay in memory.
_BYTES, _IN_MEMORY = 4, 32 << 20


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
    same_draw(list(systems.values()))
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
    equal = variances < NO_ERROR**2
    # As with the p-value of one difference: what does not vary at all cannot be tested.
    squares[equal] = 0.0
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


class _Draws:
    """The resamples of one metric of many systems; those of a large board go to a file."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed on leaving
        self._starts: dict[str, int] = {}
        self._lengths: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, name: str, values: NDArray[np.float32]) -> None:
        """Keeps the resamples of a system, shape (resamples, keys)."""
        self._starts[name] = self._file.seek(0, SEEK_END)
        self._lengths[name] = len(values)
        self._file.write(np.ascontiguousarray(values.T, np.float32).tobytes())

    def column(self, name: str, place: int) -> NDArray[np.float32]:
        """Shape (resamples,), a system's resamples of the key at a place."""
        size = _BYTES * self._lengths[name]
        self._file.seek(self._starts[name] + place * size)
        return np.frombuffer(self._file.read(size), np.float32)


def bands_by_key(
    systems: Iterable[tuple[str, Replicates]], metric: str
) -> dict[str, dict[str, RankBand]]:
    """The rank bands of those systems that were resampled alike, by what is scored and system.

    Where systems were resampled in several ways, only the largest party can be tested. One system
    after the other is taken, and what is needed of many lies in a temporary file meanwhile, so that
    they are never in memory at once.

    Args:
        systems: Their names and replicates.
        metric: What ranks them.
    """
    at = MAIN_METRICS.index(metric)
    parties: dict[tuple[str, int], dict[str, Replicates]] = {}
    with _Draws() as draws:
        for name, replicates in systems:
            draws.add(name, replicates.values[:, :, at])
            # Even an empty part of the array would keep all of it.
            nothing = replicates.values[:0].copy()
            bare = Replicates(replicates.keys, replicates.point, nothing, replicates.weights)
            parties.setdefault((bare.weights, len(replicates.values)), {})[name] = bare
        return _bands(parties, draws, metric) if parties else {}


def _bands(
    parties: Mapping[tuple[str, int], Mapping[str, Replicates]], draws: _Draws, metric: str
) -> dict[str, dict[str, RankBand]]:
    at = MAIN_METRICS.index(metric)
    sign = METRIC_INFO[metric].gain(1)
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
        drawn = np.array([draws.column(name, places[name][key]) for name in names])
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
