"""Scores of systems by locale, from evaluations and from tables such as papers print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from massive_kit.analysis.forecast.csv_rows import CsvRow, read_csv, read_number
from massive_kit.errors import DataError, Problem, UsageError
from massive_kit.languages import LanguageTable
from massive_kit.languages.typology.table import TypologyTable
from massive_kit.schema.metrics import MAIN_METRICS
from massive_kit.schema.scores import Estimate, Scores

COLUMNS = ("locale", "metric", "value")
# What tells the systems of one file apart.
_SYSTEM_COLUMNS = ("setting", "model")
# How papers shorten the metrics.
METRIC_SPELLINGS = {"intent_acc": "intent_accuracy", "em": "exact_match"}
_AVERAGES = frozenset({"avg", "average", "mean"})
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class SystemScores:
    """What a system scored.

    Attributes:
        name: Its name.
        source: The locale whose labels it learnt, where that is known.
        values: Locale -> score, in 0..1.
    """

    name: str
    source: str | None
    values: Mapping[str, float]


def scores_of_evaluation(scores: Scores, metric: str, name: str) -> SystemScores:
    """The scores that `eval --out` kept.

    Args:
        scores: Them.
        metric: Which one.
        name: What the system is called.

    Raises:
        UsageError: No locale has the metric.
    """
    values = {}
    for locale, of in scores.locales.items():
        estimate = getattr(of, metric, None) or of.more.get(metric)
        if isinstance(estimate, Estimate):
            values[locale] = estimate.value
    if not values:
        raise UsageError(f"{name} has no {metric}")
    return SystemScores(name, scores.source_locale, values)


@dataclass(frozen=True, slots=True)
class TableChoice:
    """A table and which of its systems are meant.

    Attributes:
        path: The CSV file.
        picks: Values of the columns setting and model, all of which a row must have.
    """

    path: Path
    picks: tuple[str, ...]

    @classmethod
    def of(cls, given: str) -> TableChoice | None:
        """What `table.csv` or `table.csv:zero-shot:XLM-R-Base` means; `None` of anything else."""
        if Path(given).suffix == ".csv" and not Path(given).is_dir():
            return cls(Path(given), ())
        head, separator, rest = given.partition(".csv:")
        return cls(Path(f"{head}.csv"), tuple(rest.split(":"))) if separator else None


def scores_of_table(
    choice: TableChoice, metric: str, languages: LanguageTable
) -> list[SystemScores]:
    """The systems of a CSV with the columns locale, metric, value, and perhaps model and setting.

    Values are shares, or percent where any in the file is above 1 (`percent_metrics`). Rows of
    averages (`avg`) are passed over.

    Args:
        choice: The file and which of its systems.
        metric: Which rows.
        languages: For spellings of locales.

    Raises:
        MissingDataError: There is no such file.
        DataError: It is wrong; all mistakes are told.
        UsageError: Nothing is left, or a pick stands in no row.
    """
    rows = read_csv(choice.path, COLUMNS)
    _refuse_unknown_picks(choice, rows)
    problems: list[Problem] = []
    systems: dict[str, dict[str, float]] = {}
    for row in rows:
        if row["locale"].lower() in _AVERAGES or not _is_picked(row, choice.picks):
            continue
        if metric_name(row) != metric:
            continue
        locale = known_language(row, "locale", languages, problems)
        value = read_number(row, "value", _PERCENT, problems)
        if locale is None or value is None:
            continue
        values = systems.setdefault(_system_name(row, choice.path), {})
        if locale in values:
            problems.append(row.problem(f"a second {metric} of {locale}", "one row each"))
        values[locale] = value
    if problems:
        raise DataError(f"{choice.path} is not a table of scores", problems)
    if not systems:
        raise UsageError(f"{choice.path} has no {metric} of the systems asked for")
    unit = _PERCENT if metric in percent_metrics(rows) else 1
    return [
        SystemScores(name, None, {locale: value / unit for locale, value in values.items()})
        for name, values in systems.items()
    ]


def known_language(
    row: CsvRow, column: str, languages: LanguageTable, problems: list[Problem]
) -> str | None:
    """The locale in a cell, or a problem more."""
    match = languages.match(row[column])
    if match.known:
        return match.locale
    if not match.problem and TypologyTable.shipped().get(match.locale) is not None:
        return match.locale
    mistake = match.problem or f"unknown language {row[column]!r}"
    problems.append(row.problem(mistake, "a locale such as sw-KE", match.hint))
    return None


def metric_name(row: CsvRow) -> str:
    """The metric of a row, as this package spells it."""
    spelled = row["metric"].lower()
    return METRIC_SPELLINGS.get(spelled, spelled)


def percent_metrics(rows: Sequence[CsvRow]) -> frozenset[str]:
    """The metrics whose values are percent: those with a value above 1 in any row of the file.

    The main metrics are in the same unit, and so are all systems: a weak one may have no score
    above 1 percent.
    """
    above = {metric_name(row) for row in rows if _is_above_one(row["value"])}
    return frozenset(above.union(MAIN_METRICS) if above & {*MAIN_METRICS} else above)


def _is_above_one(cell: str) -> bool:
    try:
        return float(cell) > 1
    except ValueError:
        # Whoever reads the row tells of it.
        return False


def _is_picked(row: CsvRow, picks: Sequence[str]) -> bool:
    cells = {row.get(column) for column in _SYSTEM_COLUMNS}
    return all(pick in cells for pick in picks)


def _refuse_unknown_picks(choice: TableChoice, rows: Sequence[CsvRow]) -> None:
    cells = {row.get(column) for row in rows for column in _SYSTEM_COLUMNS} - {""}
    unknown = [pick for pick in choice.picks if pick not in cells]
    if unknown:
        raise UsageError(
            f"{choice.path} has no {' or '.join(unknown)}; there are"
            f" {', '.join(sorted(cells)[:20]) or 'no columns setting and model'}"
        )


def _system_name(row: CsvRow, path: Path) -> str:
    parts = [cell for column in _SYSTEM_COLUMNS if (cell := row.get(column))]
    return " ".join(parts) or path.stem
