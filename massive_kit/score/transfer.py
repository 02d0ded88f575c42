"""The gap to the source locale: what is lost by going to a language that was not trained on."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from massive_kit.errors import UsageError
from massive_kit.schema.scores import Difference, TransferGap
from massive_kit.score.bootstrap import Units, percentile, resample
from massive_kit.score.metrics import MAIN
from massive_kit.score.statistics import SufficientStatistics


def transfer_gaps(
    statistics: SufficientStatistics,
    source: SufficientStatistics | None,
    source_locale: str | None,
    resamples: int,
    seed: int,
) -> dict[str, TransferGap]:
    """Each locale's score minus the source locale's, over the utterances that both have.

    Args:
        statistics: Counts of the target locales, which may have the source locale among them.
        source: Counts of the same system that hold the source locale, where `statistics` do not.
        source_locale: The source locale; without one there are no gaps.
        resamples: Bootstrap resamples over ids shared by both; 0 for no intervals.
        seed: Of the resampling.

    Raises:
        UsageError: `source` lacks the source locale.
    """
    if source_locale is None:
        return {}
    holder = source if source is not None else statistics
    if source_locale not in holder.locales:
        if source is None:
            return {}
        raise UsageError(f"the source predictions have no {source_locale}")
    rows = holder.rows_of(source_locale)
    origin = holder.take(np.arange(rows.start, rows.stop))
    gaps: dict[str, TransferGap] = {}
    for bundle in Units.of(statistics).bundles():
        locales = [statistics.locales[i] for i in bundle.locales]
        targets = [locale for locale in locales if locale != source_locale]
        if targets:
            joined = _joined(statistics, targets, origin)
            if len(joined):
                gaps.update(_gaps(joined, resamples, seed))
    return {locale: gaps[locale] for locale in statistics.locales if locale in gaps}


def _joined(
    statistics: SufficientStatistics, targets: list[str], origin: SufficientStatistics
) -> SufficientStatistics:
    """The source locale, then the targets, over the utterances that they share."""
    own = np.asarray(statistics.ids[statistics.rows_of(targets[0])], np.str_)
    theirs = np.asarray(origin.ids, np.str_)
    here = np.flatnonzero(np.isin(own, theirs))
    parts = [origin.take(np.flatnonzero(np.isin(theirs, own)))]
    parts += [statistics.take(statistics.rows_of(locale).start + here) for locale in targets]
    names = [f.name for f in fields(SufficientStatistics) if f.name not in {"locales", "locale"}]
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    locale = np.repeat(np.arange(len(parts), dtype=np.int16), [len(part) for part in parts])
    return SufficientStatistics(("", *targets), locale, **columns)


def _gaps(joined: SufficientStatistics, resamples: int, seed: int) -> dict[str, TransferGap]:
    sums = {name: joined.sums(name) for metric in MAIN for name in metric.columns}
    drawn = resample(joined, MAIN, np.array([0]), resamples, seed) if resamples else None
    columns: dict[str, list[Difference]] = {}
    for metric in MAIN:
        score = metric(sums)
        gap = (score[1:] - score[0]).tolist()
        low: list[float | None] = [None] * len(gap)
        high: list[float | None] = [None] * len(gap)
        if drawn:
            replicates = drawn.locales[metric.name]
            bounds = percentile(replicates[:, 1:] - replicates[:, :1])
            low, high = bounds.low.tolist(), bounds.high.tolist()
        columns[metric.name] = [
            Difference(value=value, low=a, high=b)
            for value, a, b in zip(gap, low, high, strict=True)
        ]
    return {
        locale: TransferGap(**{name: found[i] for name, found in columns.items()})
        for i, locale in enumerate(joined.locales[1:])
    }
