"""Bootstrap over utterance ids that all locales share.

The corpus is parallel: the same utterance is hard in every language, so locales are not independent
samples. A resample therefore draws ids, and takes each drawn utterance in all locales that have it.
An utterance that was made of another (with a slip of the hand, say) is drawn with that one.
That leaves averages over locales with the width they should have; drawing within each locale alone
would cancel out the shared difficulty and give intervals that are far too narrow.

Where no two locales share an id, the corpus is not parallel and there is nothing to share: rows are
drawn within each locale, so that every resample has each locale's own number of rows. A locale of
one or two rows would hardly vary then, which is not to say that its score is certain: such locales
are drawn together with the next larger ones. A part of a parallel corpus may share no id by chance;
whether a corpus is parallel is therefore a property of all of it, not of the part.

A resample may hold none of the few utterances that a score rests on, and the score is not defined
there. Such a resample is left out of the score's interval, and out of those of the averages that
the score is in, so that an average is always one of the same locales. Where more than a tenth of
the resamples are left out, there is no interval: a score of one locale rests on two utterances or
fewer then. There is none either where one or two ids are all that a locale of a corpus that is not
parallel, or a part of a corpus, has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from massive_kit.scoring.metrics import Ratio
from massive_kit.scoring.statistics import SufficientStatistics

# Entries of the weights matrix that are in memory at once.
_BLOCK = 4_000_000
# Of three utterances, a resample holds none with a probability of 5 %; of two with one of 14 %.
LEAST_DEFINED = 0.9
# Below this many ids there is no interval.
LEAST_UNITS = 3
# The ids that locales with fewer are drawn among: one of two rows is then absent from more than a
# tenth of the resamples, as it is in a parallel corpus.
_DRAWN_TOGETHER = 30


@dataclass(frozen=True, slots=True)
class Units:
    """The utterance ids of some locales, which are what is drawn.

    Attributes:
        names: Shape (ids,), sorted.
        positions: For each locale, the position in `names` of each of its rows; rows that were made
            of one another have one.
        parallel: Whether locales share ids, or there is but one locale.
    """

    names: NDArray[np.str_]
    positions: tuple[NDArray[np.int64], ...]
    parallel: bool

    @classmethod
    def of(cls, statistics: SufficientStatistics, *, parallel: bool | None = None) -> Units:
        """The ids of all locales together.

        Args:
            statistics: Counts of a corpus, or of a part of one.
            parallel: Whether the corpus is parallel that they are a part of; `None` for a whole
                corpus, which shows it.
        """
        distinct: list[NDArray[np.str_]] = []
        by_hash: dict[int, list[int]] = {}
        which = []
        drawn = statistics.ids if statistics.origins is None else statistics.origins
        for start, end in pairwise(statistics.locale_offsets):
            ids = drawn[start:end]
            # Parallel locales have equal ids in equal order, which is much quicker to see than to
            # sort.
            alike = by_hash.setdefault(hash(tuple(ids.tolist())), [])
            for i in alike:
                if np.array_equal(distinct[i], ids):
                    which.append(i)
                    break
            else:
                alike.append(len(distinct))
                which.append(len(distinct))
                distinct.append(ids)
        texts = [np.asarray(ids, dtype=np.str_) for ids in distinct]
        names = np.unique(np.concatenate(texts)) if texts else np.zeros(0, np.str_)
        positions = [np.searchsorted(names, ids) for ids in texts]
        by_locale = tuple(positions[i] for i in which)
        if parallel is None:
            distinct_units = [len(np.unique(units)) for units in positions]
            units_of_locales = sum(distinct_units[i] for i in which)
            parallel = len(by_locale) <= 1 or units_of_locales != len(names)
        return cls(names, by_locale, parallel)

    def __len__(self) -> int:
        """The number of ids."""
        return len(self.names)

    @property
    def strata(self) -> tuple[NDArray[np.int64], ...] | None:
        """The units of each locale where no two locales share one; `None` for a parallel corpus.

        Locales with fewer than three are in one stratum with the next larger ones.
        """
        if self.parallel:
            return None
        units = [np.unique(positions) for positions in self.positions]
        # In the order of the rows, which draws go by, where no rows go together.
        return _large_enough(
            [
                positions if len(positions) == len(unit) else unit
                for positions, unit in zip(self.positions, units, strict=True)
            ]
        )

    @property
    def few(self) -> NDArray[np.bool_]:
        """Shape (locales,), which have too few units of their own for an interval."""
        if self.parallel:
            return np.zeros(len(self.positions), bool)
        return np.array([len(np.unique(units)) < LEAST_UNITS for units in self.positions], bool)

    @property
    def kind(self) -> Literal["ids shared by all locales", "rows within each locale"]:
        """What is drawn, in words."""
        return "ids shared by all locales" if self.parallel else "rows within each locale"

    @property
    def hash(self) -> str:
        """16 hexadecimal digits that are equal for equal ids."""
        return hashlib.sha256("\n".join(self.names.tolist()).encode()).hexdigest()[:16]

    def key(self, resamples: int, seed: int) -> str:
        """The name of the draw: results with equal names were drawn alike and may be subtracted."""
        return f"bootstrap resamples={resamples} seed={seed} ids={self.hash}"

    def parallel_locales(self) -> list[ParallelLocales]:
        """The locales, by the ids that they have."""
        parallel: list[ParallelLocales] = []
        for locale, positions in enumerate(self.positions):
            for known in parallel:
                if known.positions is positions:
                    known.locales.append(locale)
                    break
            else:
                parallel.append(ParallelLocales(positions, [locale]))
        return parallel


def _large_enough(strata: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.int64], ...]:
    """Strata of three units or more, as far as there are that many."""
    kept = [stratum for stratum in strata if len(stratum)]
    if all(len(stratum) >= LEAST_UNITS for stratum in kept):
        return tuple(kept)
    by_size = sorted(range(len(kept)), key=lambda i: len(kept[i]))
    together: list[int] = []
    units = 0
    for i in by_size:
        if len(kept[i]) >= LEAST_UNITS and units >= _DRAWN_TOGETHER:
            break
        together.append(i)
        units += len(kept[i])
    apart = [stratum for i, stratum in enumerate(kept) if i not in set(together)]
    return (np.concatenate([kept[i] for i in together]), *apart)


@dataclass(frozen=True, slots=True)
class ParallelLocales:
    """Locales with the same ids in the same order, whose counts are multiplied at once.

    Attributes:
        positions: The position of each of their rows in `Units.names`.
        locales: Their positions among all locales.
    """

    positions: NDArray[np.int64]
    locales: list[int]


def weights(
    units: int,
    resamples: int,
    seed: int,
    strata: Sequence[NDArray[np.int64]] | None = None,
) -> Iterator[NDArray[np.float32]]:
    """How often each id is drawn, block by block; the rows of all blocks add up to `resamples`.

    Args:
        units: How many ids there are.
        resamples: How many draws.
        seed: Of the draws.
        strata: Sets of ids, each of which is drawn from separately, or `None` to draw from all.

    Yields:
        Shape (rows, units).
    """
    generator = np.random.default_rng(seed)
    for rows in _blocks(units, resamples):
        if strata is None:
            drawn = generator.integers(0, units, size=(rows, units), dtype=np.int32)
        else:
            by_stratum = [
                stratum[generator.integers(0, len(stratum), size=(rows, len(stratum)))]
                for stratum in strata
                if len(stratum)
            ]
            drawn = np.concatenate(by_stratum, axis=1, dtype=np.int32)
        drawn += (np.arange(rows, dtype=np.int32) * units)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * units)
        yield counts.reshape(rows, units).astype(np.float32)


def flips(units: int, resamples: int, seed: int) -> Iterator[NDArray[np.float32]]:
    """Which ids change sides in a randomisation test: 0 or 1, block by block.

    Yields:
        Shape (rows, units).
    """
    generator = np.random.default_rng(seed)
    for rows in _blocks(units, resamples):
        yield generator.integers(0, 2, size=(rows, units), dtype=np.uint8).astype(np.float32)


def _blocks(units: int, resamples: int) -> Iterator[int]:
    size = max(1, min(resamples, _BLOCK // max(units, 1)))
    for start in range(0, resamples, size):
        yield min(size, resamples - start)


def resampled_sums(
    statistics: SufficientStatistics,
    columns: Sequence[str],
    blocks: Iterator[NDArray[np.float32]],
    units: Units,
) -> Iterator[dict[str, NDArray[np.float32]]]:
    """Columns summed over each locale under each block's weights.

    Sums are whole numbers far below 2**24 per locale, so single precision holds them exactly.

    Yields:
        For each column an array of shape (rows of the block, locales).
    """
    # What is true of every utterance adds up to their number, which costs nothing more.
    summed = tuple(dict.fromkeys("n" if statistics.always(name) else name for name in columns))
    parallel = units.parallel_locales()
    stacked = [_stacked(statistics, summed, locales) for locales in parallel]
    everyone = np.arange(len(units))
    for block in blocks:
        sums = {
            name: np.zeros((len(block), len(statistics.locales)), np.float32) for name in summed
        }
        for together, values in zip(parallel, stacked, strict=True):
            whole = np.array_equal(together.positions, everyone)
            counts = block if whole else block[:, together.positions]
            product = (counts @ values).reshape(len(block), len(summed), len(together.locales))
            for i, name in enumerate(summed):
                sums[name][:, together.locales] = product[:, i]
        yield {name: sums["n" if statistics.always(name) else name] for name in columns}


def _stacked(
    statistics: SufficientStatistics, columns: Sequence[str], together: ParallelLocales
) -> NDArray[np.float32]:
    length, width = len(together.positions), len(together.locales)
    values = np.empty((length, len(columns), width), np.float32)
    offsets = statistics.locale_offsets
    for i, name in enumerate(columns):
        column = np.ones(len(statistics)) if name == "n" else getattr(statistics, name)
        for j, locale in enumerate(together.locales):
            values[:, i, j] = column[offsets[locale] : offsets[locale + 1]]
    return values.reshape(length, len(columns) * width)


@dataclass(frozen=True, slots=True)
class Resamples:
    """Metrics under resampling.

    Attributes:
        locales: By metric, shape (resamples, locales).
        pooled: By metric, shape (resamples,), over the locales that averages run over.
        key: Name of the draw.
    """

    locales: dict[str, NDArray[np.float64]]
    pooled: dict[str, NDArray[np.float64]]
    key: str


def resample(
    statistics: SufficientStatistics,
    metrics: Sequence[Ratio],
    averaged: NDArray[np.int64],
    resamples: int,
    seed: int,
    *,
    parallel: bool | None = None,
) -> Resamples:
    """Draws ids and computes metrics on each draw, by locale and pooled over those `averaged`.

    Args:
        statistics: Counts.
        metrics: The metrics.
        averaged: Positions of the locales that are pooled.
        resamples: How many draws.
        seed: Of the draws.
        parallel: As `Units.of` has it, for a part of a corpus.
    """
    units = Units.of(statistics, parallel=parallel)
    columns = tuple(dict.fromkeys(name for metric in metrics for name in metric.columns))
    locales: dict[str, list[NDArray[np.float64]]] = {metric.name: [] for metric in metrics}
    pooled: dict[str, list[NDArray[np.float64]]] = {metric.name: [] for metric in metrics}
    blocks = weights(len(units), resamples, seed, units.strata)
    few = units.few
    varied = parallel is None or len(units) >= LEAST_UNITS
    for sums in resampled_sums(statistics, columns, blocks, units):
        pooled_sums = {
            name: values[:, averaged].sum(axis=1, dtype=np.float64) for name, values in sums.items()
        }
        for metric in metrics:
            by_locale, together = metric(sums), metric(pooled_sums)
            locales[metric.name].append(np.where(few, np.nan, by_locale))
            pooled[metric.name].append(together if varied else np.full_like(together, np.nan))
    return Resamples(
        {name: np.concatenate(parts) for name, parts in locales.items()},
        {name: np.concatenate(parts) for name, parts in pooled.items()},
        units.key(resamples, seed),
    )


@dataclass(frozen=True, slots=True)
class Bounds:
    """Percentile intervals; arrays have the shape of the estimates, NaN without an interval."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]


def percentile(replicates: NDArray[np.float64], level: float = 0.95) -> Bounds:
    """The percentile interval along the first axis (linear interpolation, as `numpy.quantile`).

    Replicates that are NaN are left out; with more than a tenth of them there is no interval.
    """
    tail = (1 - level) / 2
    # One sort of contiguous rows is several times quicker than a quantile over columns; it puts NaN
    # last.
    ordered = np.sort(np.ascontiguousarray(np.moveaxis(replicates, 0, -1)), axis=-1)
    defined = (~np.isnan(ordered)).sum(axis=-1)
    enough = (defined > 0) & (defined >= LEAST_DEFINED * len(replicates))
    return Bounds(
        np.where(enough, _at(ordered, defined, tail), np.nan),
        np.where(enough, _at(ordered, defined, 1 - tail), np.nan),
    )


def _at(
    ordered: NDArray[np.float64], defined: NDArray[np.int64], share: float
) -> NDArray[np.float64]:
    last = np.maximum(defined - 1, 0)
    place = share * last
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, last)
    lower, upper = (
        np.take_along_axis(ordered, index[..., None], axis=-1)[..., 0] for index in (below, above)
    )
    result: NDArray[np.float64] = lower + (upper - lower) * (place - below)
    return result
