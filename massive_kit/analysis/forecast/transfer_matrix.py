"""Scores of systems trained on one language and tested on another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np

from massive_kit.analysis.forecast.blocks import Array
from massive_kit.analysis.forecast.csv_rows import CsvRow, read_csv, read_number
from massive_kit.analysis.forecast.system_scores import (
    TableChoice,
    known_language,
    metric_name,
    percent_metrics,
)
from massive_kit.errors import DataError, Problem, UsageError
from massive_kit.languages import LanguageTable
from massive_kit.schema.metrics import MAIN_METRICS

COLUMNS = ("source_locale", "target_locale", "metric", "value")
# The columns of `sweep.csv` that are no keys of the grid.
_SWEEP_COLUMNS = ("seed", "run", "seconds", "locale", *MAIN_METRICS)
_LOCALES = "data.locales"
_PERCENT = 100
_POOLED = "pooled"


@dataclass(frozen=True, slots=True)
class TransferMatrix:
    """One system's and one metric's scores.

    Attributes:
        model: The system.
        metric: The metric.
        sources: The languages whose labels were trained on.
        targets: The languages tested.
        values: Sources by targets, in 0..1; NaN is not measured.
    """

    model: str
    metric: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    values: Array


Cells = dict[tuple[str, str], dict[tuple[str, str], list[float]]]


def transfer_matrices(
    choice: TableChoice, metric: str | None, languages: LanguageTable
) -> list[TransferMatrix]:
    """The matrices of a CSV: one of transfer, or the `sweep.csv` of a sweep over `data.locales`.

    Values of a sweep are shares; others may be percent (`percent_metrics`).

    Args:
        choice: The file, and which of its models (columns of a sweep: their values).
        metric: Which one; `None` for all.
        languages: For spellings of locales.

    Raises:
        MissingDataError: There is no such file.
        DataError: It is wrong; all mistakes are told.
        UsageError: Nothing is left.
    """
    rows = read_csv(choice.path, ())
    problems: list[Problem] = []
    if rows and _LOCALES in rows[0].cells:
        cells = _of_sweep(rows, languages, problems)
        percent: frozenset[str] = frozenset()
    else:
        rows = read_csv(choice.path, COLUMNS)
        cells = _of_table(rows, languages, problems)
        percent = percent_metrics(rows)
    if problems:
        raise DataError(f"{choice.path} is not a matrix of transfer", problems)
    chosen = {
        key: scores
        for key, scores in cells.items()
        if (metric is None or key[1] == metric)
        and all(pick in key[0].split() for pick in choice.picks)
    }
    if not chosen:
        there = ", ".join(" ".join(key) for key in cells) or "no rows"
        raise UsageError(f"{choice.path} has none of the scores asked for; there are {there}")
    return [
        _matrix(*key, scores, _PERCENT if key[1] in percent else 1)
        for key, scores in chosen.items()
    ]


def _of_table(rows: Sequence[CsvRow], languages: LanguageTable, problems: list[Problem]) -> Cells:
    cells: Cells = {}
    for row in rows:
        source = known_language(row, "source_locale", languages, problems)
        target = known_language(row, "target_locale", languages, problems)
        value = read_number(row, "value", _PERCENT, problems)
        if source is None or target is None or value is None:
            continue
        key = row.get("model") or "system", metric_name(row)
        values = cells.setdefault(key, {}).setdefault((source, target), [])
        if values:
            problems.append(row.problem(f"a second score of {source} on {target}", "one row each"))
        values.append(value)
    return cells


def _of_sweep(rows: Sequence[CsvRow], languages: LanguageTable, problems: list[Problem]) -> Cells:
    """Means over seeds; runs on several languages at once are passed over."""
    cells: Cells = {}
    lacking = [column for column in ("locale", "seed") if column not in rows[0].cells]
    if lacking:
        problems.append(
            Problem(str(rows[0].path), f"no column {', '.join(lacking)}", "a sweep.csv", line=1)
        )
        return cells
    for row in rows:
        if "+" in row[_LOCALES] or row["locale"] == _POOLED:
            continue
        source = known_language(row, _LOCALES, languages, problems)
        target = known_language(row, "locale", languages, problems)
        others = {*row.cells} - {*_SWEEP_COLUMNS, _LOCALES}
        model = " ".join(cell for column, cell in row.cells.items() if column in others)
        for metric in MAIN_METRICS:
            if not row.get(metric) or source is None or target is None:
                continue
            value = read_number(row, metric, 1, problems)
            if value is not None:
                scores = cells.setdefault((model or "sweep", metric), {})
                scores.setdefault((source, target), []).append(value)
    return cells


def _matrix(
    model: str, metric: str, scores: Mapping[tuple[str, str], Sequence[float]], unit: int
) -> TransferMatrix:
    sources = tuple(dict.fromkeys(source for source, _ in scores))
    targets = tuple(dict.fromkeys(target for _, target in scores))
    values = np.full((len(sources), len(targets)), np.nan)
    for (source, target), measured in scores.items():
        values[sources.index(source), targets.index(target)] = mean(measured) / unit
    return TransferMatrix(model, metric, sources, targets, values)
