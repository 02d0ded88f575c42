"""What a sweep came to: `sweep.csv`, and tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import orjson

from massive_kit.breakdown.few_shot_ladder import POOLED, LadderFit, fit_ladder, ladder_table
from massive_kit.breakdown.tables import Cell as TableCell
from massive_kit.breakdown.tables import Table, columns
from massive_kit.files.atomic import atomic_file
from massive_kit.languages import LanguageTable
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.sweep.axes import Axis, Point
from massive_kit.runs.sweep.data_keys import ALL, PER_INTENT
from massive_kit.runs.sweep.grid import Cell
from massive_kit.runs.sweep.running import is_scored
from massive_kit.schema.metrics import METRIC_INFO
from massive_kit.scoring.stats_file import SCORES_FILE

METRICS = ("intent_accuracy", "slot_f1", "exact_match")
_SHOTS = f"data.{PER_INTENT}"


@dataclass(frozen=True, slots=True)
class Scored:
    """A run and its scores.

    Attributes:
        cell: Which run.
        seconds: Of training; 0 where nothing was trained.
        by_locale: Metric -> score, of each locale and of all utterances (`pooled`).
    """

    cell: Cell
    seconds: float
    by_locale: Mapping[str, Mapping[str, float]]


def scored_runs(grid: Sequence[Cell]) -> list[Scored]:
    """The runs of a grid that are trained and scored, in its order."""
    return [_scored(cell) for cell in grid if is_scored(cell)]


def write_csv(path: Path, axes: Sequence[Axis], scored: Sequence[Scored]) -> None:
    """One line for each run and locale, and one for all of a run's utterances."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    keys = [key for axis in axes for key in axis.keys]
    writer.writerow([*keys, "seed", "run", "seconds", "locale", *METRICS])
    for result in scored:
        values = dict(result.cell.point.values)
        head = [*(values[key] for key in keys), result.cell.seed, result.cell.run, result.seconds]
        writer.writerows(
            [*head, locale, *(f"{scores[name]:.6f}" if name in scores else "" for name in METRICS)]
            for locale, scores in result.by_locale.items()
        )
    with atomic_file(path) as stream:
        stream.write(text.getvalue().encode())


def sweep_tables(
    axes: Sequence[Axis],
    scored: Sequence[Scored],
    languages: LanguageTable,
    metrics: Sequence[str] = METRICS,
) -> list[Table]:
    """The grid; and where it varies the labelled utterances, a ladder for each other point.

    Args:
        axes: What differs from run to run.
        scored: The runs.
        languages: Names of languages.
        metrics: Which ones have ladders.
    """
    tables = [_grid_table(axes, scored)]
    for axis in axes:
        if _SHOTS in axis.keys:
            tables += _ladders(axis, scored, languages, metrics)
    return tables


def _scored(cell: Cell) -> Scored:
    scores = orjson.loads((cell.scores / SCORES_FILE).read_bytes())
    by_locale = {POOLED: _values(scores["averages"]["pooled"])}
    by_locale |= {locale: _values(of) for locale, of in scores["locales"].items()}
    seconds = float(RunFolder(cell.run).facts()["seconds"]) if cell.trains else 0.0
    return Scored(cell, seconds, by_locale)


def _values(scores: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: float(scores[name]["value"])
        for name in METRICS
        if scores.get(name) is not None and scores[name].get("value") is not None
    }


def _grid_table(axes: Sequence[Axis], scored: Sequence[Scored]) -> Table:
    keys = [key for axis in axes for key in axis.keys]
    rows: list[tuple[TableCell, ...]] = []
    for point, results in _by_point(scored):
        values = dict(point.values)
        row: list[TableCell] = [values[key] for key in keys]
        row.append(len(results))
        for name in METRICS:
            row += _mean_and_spread([result.by_locale[POOLED].get(name) for result in results])
        row.append(round(mean(result.seconds for result in results)))
        rows.append(tuple(row))
    numbers = [("runs", "runs")]
    for name in METRICS:
        numbers += [(name, METRIC_INFO[name].title), (f"{name}_sd", "sd")]
    numbers.append(("seconds", "seconds"))
    return Table(
        "sweep",
        "Runs",
        columns(*keys, numbers=numbers),
        tuple(rows),
        ("pooled over utterances, percent: mean over seeds, and their standard deviation",),
    )


def _by_point(scored: Sequence[Scored]) -> Iterator[tuple[Point, list[Scored]]]:
    groups: dict[Point, list[Scored]] = {}
    for result in scored:
        groups.setdefault(result.cell.point, []).append(result)
    yield from groups.items()


def _mean_and_spread(values: Sequence[float | None]) -> tuple[TableCell, TableCell]:
    known = [value for value in values if value is not None]
    if not known:
        return None, None
    spread = f"{100 * stdev(known):.1f}" if len(known) > 1 else None
    return f"{100 * mean(known):.1f}", spread


def _ladders(
    axis: Axis, scored: Sequence[Scored], languages: LanguageTable, metrics: Sequence[str]
) -> list[Table]:
    by_rest: dict[Point, list[Scored]] = {}
    all_of: dict[Point, list[Scored]] = {}
    for result in scored:
        whole = dict(result.cell.point.values)[_SHOTS] == ALL
        of_point = all_of if whole else by_rest
        of_point.setdefault(result.cell.point.without(axis), []).append(result)
    tables: list[Table] = []
    plain: dict[str, dict[str, LadderFit]] = {}
    for rest, results in by_rest.items():
        for name in metrics:
            runs = _steps(results, name)
            if not runs:
                continue
            title = f"{METRIC_INFO[name].heading} by labelled utterances of each intent"
            title += f": {rest.name}" if rest.values else ""
            first = rest == next(iter(by_rest))
            held_against = None if first else plain[name]
            whole_runs = _of_locales(all_of.get(rest, []), name)
            tables.append(
                ladder_table(name, title, runs, languages, plain=held_against, whole=whole_runs)
            )
            if first:
                fits = {locale: fit_ladder(*zip(*of, strict=True)) for locale, of in runs.items()}
                plain[name] = {locale: fit for locale, fit in fits.items() if fit is not None}
    return tables


def _steps(results: Sequence[Scored], metric: str) -> dict[str, list[tuple[int, float]]]:
    runs: dict[str, list[tuple[int, float]]] = {}
    for result in results:
        shots = int(dict(result.cell.point.values)[_SHOTS])
        for locale, scores in result.by_locale.items():
            if metric in scores:
                runs.setdefault(locale, []).append((shots, scores[metric]))
    return runs


def _of_locales(results: Sequence[Scored], metric: str) -> dict[str, list[float]]:
    scores: dict[str, list[float]] = {}
    for result in results:
        for locale, of_locale in result.by_locale.items():
            if metric in of_locale:
                scores.setdefault(locale, []).append(of_locale[metric])
    return scores
