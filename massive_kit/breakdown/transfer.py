"""The transfer gap, absolute and relative, by locale and by group."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import fmean

from massive_kit.breakdown.saved_evaluation import SavedEvaluation
from massive_kit.breakdown.score_tables import METRIC_COLUMNS, SINGLETON
from massive_kit.breakdown.tables import Cell, Table, columns
from massive_kit.errors import ContentError, Problem, UsageError
from massive_kit.languages import groups
from massive_kit.schema.metrics import MAIN_METRICS
from massive_kit.schema.scores import Difference, TransferGap
from massive_kit.scoring.transfer import Gaps, locale_gaps

_NUMBERS = [
    pair
    for key, title in METRIC_COLUMNS
    for pair in ((key, title), (f"{key}_relative", "relative"))
]


def transfer_tables(
    result: SavedEvaluation,
    source: SavedEvaluation | None,
    by: Iterable[str],
    locales: Sequence[str],
    *,
    resamples: int,
    seed: int,
) -> list[Table]:
    """Gaps of each of some locales, then the mean gap of each group of them.

    Args:
        result: The evaluation.
        source: Another evaluation of the same system that has the source locale, where the first
            does not test it (as in zero-shot tasks).
        by: Columns of the language table.
        locales: The locales to look at; those without a gap are left out.
        resamples: Bootstrap resamples.
        seed: Of the resampling.

    Raises:
        UsageError: There is no source locale, nothing scored in it, or no gap of these locales.
        ContentError: `source` was scored on another data set.
    """
    scores = result.scores
    if source is not None:
        _refuse_unlike(result, source)
    locale = scores.source_locale or (source.scores.source_locale if source else None)
    if locale is None:
        raise UsageError(f"the task {scores.task} has no source locale to transfer from")
    other = source.statistics if source else None
    measured = locale_gaps(result.statistics, other, locale, resamples, seed)
    if not measured:
        raise UsageError(
            f"{result.folder} has no scores of {locale}; give an evaluation of the same system that"
            " has, with --source"
        )
    known = {name: gaps for gaps in measured for name in gaps.locales}
    compared = [name for name in locales if name in known]
    if not compared:
        raise UsageError(
            f"{', '.join(locales)} has no gap to {locale}: gaps are those of other locales that"
            f" share utterance ids with it, which are {', '.join(known)}"
        )
    note = (
        f"Points against {locale} on the utterances that both have; relative: in percent of its"
        " score on these."
    )
    rows = tuple((name, *_cells([known[name]], [name])) for name in compared)
    tables = [
        Table(
            "transfer",
            f"Transfer gap to {locale}",
            columns("locale", numbers=_NUMBERS),
            rows,
            (note,),
        )
    ]
    for column in by:
        divided = groups(result.languages, column, compared)
        lines = []
        for group in divided:
            cells = _cells([known[name] for name in group.locales], group.locales)
            mark = f" {SINGLETON}" if group.singleton else ""
            lines.append((f"{group.name}{mark}", len(group.locales), *cells))
        names = columns(column, numbers=[("n", "n"), *_NUMBERS])
        title = f"Transfer gap to {locale} by {column.replace('_', ' ')} (mean over locales)"
        tables.append(Table(f"transfer_{column}", title, names, tuple(lines)))
    return tables


def _cells(gaps: Sequence[Gaps], members: Sequence[str]) -> tuple[Cell, ...]:
    gap, origin = _mean(gaps, members), _source_mean(gaps, members)
    cells: list[Cell] = []
    for key in MAIN_METRICS:
        difference: Difference | None = getattr(gap, key)
        if difference is None:
            cells += [None, None]
            continue
        # A relative loss is at most 1; a gain may be more, and is then shown as it is.
        share = difference.value / origin[key] if origin[key] else None
        cells += [difference, None if share is None else f"{100 * share:+.0f} %"]
    return tuple(cells)


def _refuse_unlike(result: SavedEvaluation, source: SavedEvaluation) -> None:
    # Not the hash: it is that of the scored locales, which differ. Another data set may have the
    # same ids by chance, and a gap over those few utterances would look like any other.
    facts = _facts(source)
    problems = [
        Problem(str(source.folder), f"{name} {facts[name]}", f"{fact}, as {result.folder}")
        for name, fact in _facts(result).items()
        if facts[name] != fact
    ]
    if problems:
        raise ContentError("no transfer can be measured between these scores", problems)


def _facts(evaluation: SavedEvaluation) -> dict[str, str]:
    scores = evaluation.scores
    return {
        "data": scores.data.version or scores.data.name,
        "split": scores.data.partition,
        "compat": scores.compat or "no",
        "span scheme": scores.scheme,
    }


def _mean(gaps: Sequence[Gaps], members: Sequence[str]) -> TransferGap:
    if all(gap is gaps[0] for gap in gaps):
        return gaps[0].mean(members)
    # Locales with other ids were drawn apart, so that their mean has no interval.
    single = [gap.mean([name]) for gap, name in zip(gaps, members, strict=True)]
    means: dict[str, Difference | None] = {}
    for key in MAIN_METRICS:
        known = [gap.value for mean in single if (gap := getattr(mean, key)) is not None]
        means[key] = Difference(value=sum(known) / len(known)) if known else None
    return TransferGap(**means)


def _source_mean(gaps: Sequence[Gaps], members: Sequence[str]) -> dict[str, float]:
    """The source's mean score over what the members' gaps were measured on; NaN without a gap."""
    means: dict[str, float] = {}
    for key in MAIN_METRICS:
        known = [
            gap.source[key]
            for gap, name in zip(gaps, members, strict=True)
            if not math.isnan(gap.point[key][gap.locales.index(name)])
        ]
        means[key] = fmean(known) if known else math.nan
    return means
