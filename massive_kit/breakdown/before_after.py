"""Two systems side by side, locale by locale: what a change of training did."""

from __future__ import annotations

from massive_kit.breakdown.tables import Cell, Table, columns
from massive_kit.errors import MassiveKitError
from massive_kit.languages import LanguageTable
from massive_kit.schema.metrics import MAIN_METRICS, METRIC_INFO
from massive_kit.schema.scores import Estimate, Scores, ScoreSet


def before_and_after(before: Scores, after: Scores, languages: LanguageTable, title: str) -> Table:
    """The main metrics of both systems, in each locale that both are scored in and pooled.

    The two may be scored by different tasks on the same rows. How sure the differences are is what
    `compare` tells.

    Args:
        before: Scores of the one.
        after: Scores of the other.
        languages: Names the locales.
        title: Of the table.

    Raises:
        MassiveKitError: They are averaged over different locales.
    """
    if {*before.averaged} != {*after.averaged}:
        raise MassiveKitError(
            "scores before and after are averaged over different locales: only before"
            f" {_listed(before, after)}, only after {_listed(after, before)};"
            " score both on the same ones"
        )
    locales = [locale for locale in before.locales if locale in after.locales]
    rows: list[tuple[Cell, ...]] = [
        (locale, languages[locale].name, *_cells(before.locales[locale], after.locales[locale]))
        for locale in locales
    ]
    pooled = _cells(before.averages["pooled"], after.averages["pooled"])
    numbers = [
        (f"{metric}_{side}", f"{METRIC_INFO[metric].short} {side}")
        for metric in MAIN_METRICS
        for side in ("before", "after")
    ]
    more = sum(_intents(after, locale) > _intents(before, locale) for locale in locales)
    return Table(
        "before_after",
        title,
        columns("locale", "language", numbers=numbers),
        (*rows, ("pooled", "", *pooled)),
        (f"After it, more intents are right in {more} of {len(locales)} languages.",),
    )


def _cells(before: ScoreSet, after: ScoreSet) -> list[Cell]:
    estimates = [getattr(side, metric) for metric in MAIN_METRICS for side in (before, after)]
    return [None if score is None else Estimate(value=score.value) for score in estimates]


def _listed(scores: Scores, others: Scores) -> str:
    return ", ".join(sorted({*scores.averaged} - {*others.averaged})) or "none"


def _intents(scores: Scores, locale: str) -> float:
    estimate = scores.locales[locale].intent_accuracy
    return 0.0 if estimate is None else estimate.value
