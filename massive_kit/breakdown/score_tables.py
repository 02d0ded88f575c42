"""The tables of one system, from its `scores.json`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from massive_kit.breakdown.tables import Cell, Table, columns
from massive_kit.languages import LanguageTable
from massive_kit.languages.groupings import MISSING
from massive_kit.schema.metrics import AVERAGE_INFO, AVERAGES, MAIN_METRICS, METRIC_INFO
from massive_kit.schema.scores import (
    Estimate,
    LabelReport,
    MetricSpreads,
    Scores,
    ScoreSet,
    SeedScores,
    Spread,
    TransferGap,
)
from massive_kit.scoring.metrics import info_of

# Key and heading of the main metrics, for `columns`.
METRIC_COLUMNS: tuple[tuple[str, str], ...] = tuple(
    (name, METRIC_INFO[name].short) for name in MAIN_METRICS
)
SINGLETON = "†"
_NO_SCORE = {
    "intent_accuracy": "there is no gold intent",
    "slot_f1": "neither side has a slot",
    "exact_match": "there is no utterance",
}
_SINGLETON_NOTE = f"{SINGLETON} one locale: says nothing about the group."


def main_cells(scores: ScoreSet | TransferGap) -> tuple[Cell, ...]:
    """The main metrics."""
    return tuple(getattr(scores, name) for name in MAIN_METRICS)


def absence_notes(scores: Scores, locales: Iterable[str]) -> list[str]:
    """Which main metrics some locales do not have, why, and over how many means run then."""
    names = list(locales)
    notes = []
    for metric, reason in _NO_SCORE.items():
        absent = [name for name in names if getattr(scores.locales[name], metric) is None]
        title = METRIC_INFO[metric].title
        if len(absent) == len(names):
            notes.append(f"No {title}: {reason}.")
        elif absent:
            over = f"means run over {len(names) - len(absent)} of {len(names)} locales"
            notes.append(f"No {title} in {', '.join(absent)}, where {reason}; {over}.")
        if absent and metric == "intent_accuracy":
            notes.append("Without a gold intent, exact match is of the slots alone.")
    return notes


def averages_table(scores: Scores) -> Table:
    """The three averages, always named."""
    rows = tuple(
        (AVERAGE_INFO[name].title, len(scores.averaged), *main_cells(scores.averages[name]))
        for name in AVERAGES
        if name in scores.averages
    )
    notes = absence_notes(scores, scores.averaged)
    left_out = sorted(set(scores.locales) - set(scores.averaged))
    if left_out:
        notes.append(f"Averages leave out {', '.join(left_out)}, which the system was trained on.")
    if scores.interval.method == "bootstrap":
        notes.append(
            f"95 % intervals: bootstrap over {scores.interval.unit},"
            f" {scores.interval.resamples:,} resamples, seed {scores.interval.seed}."
        )
    return Table(
        "averages",
        "Averages",
        columns("average", numbers=[("n", "n"), *METRIC_COLUMNS]),
        rows,
        tuple(notes),
    )


def locales_table(scores: Scores, languages: LanguageTable) -> Table:
    """One row per locale; locales whose slot F1 is not like the others' are flagged."""
    rows = []
    characters = spaced = False
    for locale, locale_scores in scores.locales.items():
        language = languages[locale]
        mark = ""
        if language.character_scored:
            mark, characters = " c", True
        elif language.artificial_spacing:
            mark, spaced = " s", True
        rows.append((f"{locale}{mark}", language.name, locale_scores.n, *main_cells(locale_scores)))
    notes = []
    if characters:
        notes.append("c: scored by character, so slot F1 is not comparable with other locales.")
    if spaced:
        notes.append(
            "s: written without spaces; where annotators set them around slots, as in MASSIVE, slot"
            " F1 is inflated."
        )
    notes += absence_notes(scores, scores.locales)
    names = columns("locale", "language", numbers=[("n", "n"), *METRIC_COLUMNS])
    return Table("locales", "Locales", names, tuple(rows), tuple(notes))


def group_tables(scores: Scores, by: Iterable[str] | None = None) -> list[Table]:
    """A table for each grouping: means over locales, n the number of locales."""
    return [_group_table(scores, column) for column in (by or scores.groups)]


def _group_table(scores: Scores, by: str) -> Table:
    groups = scores.groups[by]
    order = sorted(groups, key=lambda name: (name == MISSING, -len(groups[name].locales), name))
    rows = []
    for name in order:
        group = groups[name]
        single = len(group.locales) == 1
        mark = f" {SINGLETON}" if single else ""
        rows.append((f"{name}{mark}", len(group.locales), *main_cells(group)))
    # What no locale has is said of the locales.
    partly = any(group.over for group in groups.values())
    members = [name for group in groups.values() for name in group.locales]
    notes = absence_notes(scores, members) if partly else []
    if any(len(group.locales) == 1 for group in groups.values()):
        notes.insert(0, _SINGLETON_NOTE)
    return Table(
        by,
        f"By {by.replace('_', ' ')} (mean over locales)",
        columns(by, numbers=[("n", "n"), *METRIC_COLUMNS]),
        tuple(rows),
        tuple(notes),
    )


def more_table(scores: Scores) -> Table:
    """The further metrics of each average."""
    estimates = {
        name: scores.averages[name].estimates() for name in AVERAGES if name in scores.averages
    }
    names = {name for values in estimates.values() for name in values}.difference(MAIN_METRICS)
    shown = sorted(map(info_of, names), key=lambda info: (info.order, info.name))
    rows = tuple(
        (AVERAGE_INFO[name].title, *(values.get(info.name) for info in shown))
        for name, values in estimates.items()
    )
    numbers = [(info.name, info.short) for info in shown]
    return Table("more", "Further metrics", columns("average", numbers=numbers), rows)


def label_table(
    what: str, labels: dict[str, LabelReport], locales: Sequence[str] | None = None
) -> Table:
    """Precision, recall and F1 of each intent or slot, most frequent first.

    Args:
        what: `intent` or `slot`.
        labels: The reports, by label.
        locales: What they are pooled over; `None` for the averaged locales.
    """
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            name,
            report.support,
            report.predicted,
            *(Estimate(value=share) for share in (report.precision, report.recall, report.f1)),
        )
        for name, report in sorted(labels.items(), key=lambda item: (-item[1].support, item[0]))
    )
    numbers = [
        ("support", "gold"),
        ("predicted", "predicted"),
        ("precision", "precision"),
        ("recall", "recall"),
        ("f1", "F1"),
    ]
    over = "the averaged locales" if locales is None else ", ".join(locales)
    title = f"By {what}, pooled over {over}"
    return Table(f"{what}s", title, columns(what, numbers=numbers), rows)


def transfer_table(scores: Scores) -> Table:
    """The gap of each locale to the source locale."""
    rows = tuple((locale, *main_cells(gap)) for locale, gap in scores.transfer.items())
    return Table(
        "transfer",
        f"Transfer: locale minus {scores.source_locale}, in points",
        columns("locale", numbers=METRIC_COLUMNS),
        rows,
    )


def seed_tables(scores: SeedScores, languages: LanguageTable) -> list[Table]:
    """Mean and standard deviation over seeds, for averages and locales."""
    numbers = [
        pair
        for key, title in METRIC_COLUMNS
        for pair in ((key, title), (f"{key}_sd", "sd over seeds"))
    ]

    def cells(spreads: MetricSpreads) -> tuple[Cell, ...]:
        shown: list[Cell] = []
        for name in MAIN_METRICS:
            spread: Spread | None = getattr(spreads, name)
            values = (None, None) if spread is None else (spread.mean, spread.sd)
            shown += [None if value is None else Estimate(value=value) for value in values]
        return tuple(shown)

    title = f"Averages over {scores.runs} seeds"
    averages = tuple(
        (AVERAGE_INFO[name].title, *cells(spreads)) for name, spreads in scores.averages.items()
    )
    note = "sd: standard deviation over training seeds; it is not an interval over utterances."
    locales = tuple(
        (name, languages[name].name, *cells(spreads)) for name, spreads in scores.locales.items()
    )
    return [
        Table("averages", title, columns("average", numbers=numbers), averages, (note,)),
        Table(
            "locales",
            f"Locales over {scores.runs} seeds",
            columns("locale", "language", numbers=numbers),
            locales,
        ),
    ]
