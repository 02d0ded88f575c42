"""The gap to the source locale: what is lost by going to a language that was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.ragged import rows_of_lengths
from massive_kit.errors import UsageError
from massive_kit.schema.scores import Difference, TransferGap
from massive_kit.scoring.bootstrap import Resamples, Units, percentile, resample
from massive_kit.scoring.metrics import MAIN
from massive_kit.scoring.statistics import SufficientStatistics
from massive_kit.scoring.undefined import difference


@dataclass(frozen=True, slots=True)
class Gaps:
    """Gaps of some locales to the source locale.

    Attributes:
        locales: The locales.
        point: By main metric, shape (locales,), their scores minus the source's; NaN where one of
            the two is not defined.
        draws: By main metric, shape (resamples, locales), the same on each resample; `None` without
            resampling.
        source: By main metric, the source's score on the utterances that it shares with them.
    """

    locales: tuple[str, ...]
    point: dict[str, NDArray[np.float64]]
    draws: dict[str, NDArray[np.float64]] | None
    source: dict[str, float]

    def mean(self, members: Sequence[str]) -> TransferGap:
        """The mean gap of some of the locales, with its interval; over those that have one."""
        places = [self.locales.index(locale) for locale in members]
        columns: dict[str, Difference | None] = {}
        for metric in MAIN:
            gaps = self.point[metric.name]
            chosen = [place for place in places if not np.isnan(gaps[place])]
            if not chosen:
                columns[metric.name] = None
                continue
            low = high = np.nan
            if self.draws is not None:
                bounds = percentile(self.draws[metric.name][:, chosen].mean(axis=1))
                low, high = float(bounds.low), float(bounds.high)
            columns[metric.name] = difference(float(gaps[chosen].mean()), low, high)
        return TransferGap(**columns)


def locale_gaps(
    statistics: SufficientStatistics,
    source: SufficientStatistics | None,
    source_locale: str,
    resamples: int,
    seed: int,
    drawn: Resamples | None = None,
) -> list[Gaps]:
    """Each locale's score minus the source locale's, over the utterances that both have.

    Locales with the same ids come together; a parallel corpus gives one item.

    Args:
        statistics: Counts of the target locales, which may have the source locale among them.
        source: Counts of the same system that hold the source locale, where `statistics` do not.
        source_locale: The source locale.
        resamples: Bootstrap resamples over ids shared by both; 0 for no intervals.
        seed: Of the resampling.
        drawn: `statistics` under that very resampling, if it is at hand.

    Raises:
        UsageError: `source` lacks the source locale.
    """
    holder = source if source is not None else statistics
    if source_locale not in holder.locales:
        if source is None:
            return []
        raise UsageError(f"the source predictions have no {source_locale}")
    parallel = Units.of(statistics).parallel_locales()
    if drawn is not None and source is None and len(parallel) == 1:
        # All locales have the same ids, so that what was drawn for the scores serves for the gaps.
        return [_within(statistics, source_locale, drawn)]
    rows = holder.rows_of(source_locale)
    origin = holder.take(np.arange(rows.start, rows.stop))
    gaps = []
    for together in parallel:
        locales = [statistics.locales[i] for i in together.locales]
        targets = [locale for locale in locales if locale != source_locale]
        joined = _joined(statistics, targets, origin) if targets else None
        if joined is not None and len(joined):
            gaps.append(_gaps(joined, resamples, seed))
    return gaps


def transfer_gaps(
    statistics: SufficientStatistics,
    source: SufficientStatistics | None,
    source_locale: str | None,
    resamples: int,
    seed: int,
    drawn: Resamples | None = None,
) -> dict[str, TransferGap]:
    """As `locale_gaps`, by locale; without a source locale there are none.

    Raises:
        UsageError: `source` lacks the source locale.
    """
    if source_locale is None:
        return {}
    by_locale = {
        locale: gaps.mean([locale])
        for gaps in locale_gaps(statistics, source, source_locale, resamples, seed, drawn)
        for locale in gaps.locales
    }
    return {locale: by_locale[locale] for locale in statistics.locales if locale in by_locale}


def _joined(
    statistics: SufficientStatistics, targets: list[str], origin: SufficientStatistics
) -> SufficientStatistics:
    """The source locale, then the targets, over the utterances that they share."""
    target_ids = np.asarray(statistics.ids[statistics.rows_of(targets[0])], np.str_)
    source_ids = np.asarray(origin.ids, np.str_)
    shared = np.flatnonzero(np.isin(target_ids, source_ids))
    parts = [origin.take(np.flatnonzero(np.isin(source_ids, target_ids)))]
    parts += [statistics.take(statistics.rows_of(locale).start + shared) for locale in targets]
    names = [
        field.name
        for field in fields(SufficientStatistics)
        if field.name not in {"locales", "locale", "origins"}
    ]
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    locale = rows_of_lengths([len(part) for part in parts], np.int16)
    joined = SufficientStatistics(("", *targets), locale, **columns)
    if all(part.origins is None for part in parts):
        return joined
    origins = [part.ids if part.origins is None else part.origins for part in parts]
    return replace(joined, origins=np.concatenate(origins).astype(np.str_))


def _gaps(joined: SufficientStatistics, resamples: int, seed: int) -> Gaps:
    sums = {name: joined.sums(name) for metric in MAIN for name in metric.columns}
    scores = {metric.name: metric(sums) for metric in MAIN}
    drawn = resample(joined, MAIN, np.array([0]), resamples, seed).locales if resamples else None
    return Gaps(
        joined.locales[1:],
        {name: values[1:] - values[0] for name, values in scores.items()},
        {name: values[:, 1:] - values[:, :1] for name, values in drawn.items()} if drawn else None,
        {name: float(values[0]) for name, values in scores.items()},
    )


def _within(statistics: SufficientStatistics, source_locale: str, drawn: Resamples) -> Gaps:
    origin = statistics.locales.index(source_locale)
    others = [i for i in range(len(statistics.locales)) if i != origin]
    sums = {name: statistics.sums(name) for metric in MAIN for name in metric.columns}
    scores = {metric.name: metric(sums) for metric in MAIN}
    draws = {name: drawn.locales[name] for name in scores}
    return Gaps(
        tuple(statistics.locales[i] for i in others),
        {name: values[others] - values[origin] for name, values in scores.items()},
        {name: values[:, others] - values[:, [origin]] for name, values in draws.items()},
        {name: float(values[origin]) for name, values in scores.items()},
    )
