"""The tables of `massive-kit forecast`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from massive_kit.analysis.forecast.assembling import Assembled
from massive_kit.analysis.forecast.errors_by_method import coverage, errors_by_method
from massive_kit.analysis.forecast.forecasting import Forecasts, LanguageForecast
from massive_kit.analysis.forecast.language_rows import LanguageRow
from massive_kit.analysis.forecast.source_regret import TOPS
from massive_kit.analysis.forecast.source_suggestions import Suggestions
from massive_kit.breakdown.tables import Cell, Column, Table, columns
from massive_kit.languages import LanguageTable
from massive_kit.schema.metrics import METRIC_INFO
from massive_kit.schema.scores import Difference, Estimate

# A part that moves a forecast by less is not named.
_LEAST_PART = 0.005
_SHOWN_PARTS = 3


def forecast_tables(
    name: str,
    metric: str,
    built: Assembled,
    result: Forecasts,
    languages: LanguageTable,
    asked: Sequence[LanguageRow],
) -> list[Table]:
    """How far off forecasts are; then the forecasts.

    Args:
        name: The system.
        metric: The score.
        built: What was forecast from what.
        result: What came of it.
        languages: The language table.
        asked: The languages asked for; none is all.
    """
    title = METRIC_INFO[metric].title if metric in METRIC_INFO else metric.replace("_", " ")
    codes = {row.code for row in asked}
    left_out = [row for row in result.left_out if not codes or row.language.code in codes]
    tables = [_errors(name, title, built, result, languages)]
    if result.targets:
        tables.append(_targets(name, title, built, result))
    if left_out:
        tables.append(_left_out(name, title, left_out, _level(built)))
    return tables


def _errors(
    name: str, title: str, built: Assembled, result: Forecasts, languages: LanguageTable
) -> Table:
    errors = errors_by_method(result.left_out, languages)
    without = {
        ", ".join(lacking): (errors_by_method(left_out, languages)[0], coverage(left_out))
        for lacking, left_out in result.left_out_without.items()
    }
    poorer = [replace(error, method=f"without {names}") for names, (error, _) in without.items()]
    rows: list[tuple[Cell, ...]] = [
        (
            error.method,
            Estimate(value=error.mean_absolute),
            Estimate(value=error.largest),
            error.correlation,
        )
        for error in (errors[0], *poorer, *errors[1:])
    ]
    used = [result.titles[block] for block, weight in result.weights.items() if weight]
    notes = [
        f"In points, over {len(result.left_out)} languages, each by a model made without it.",
        f"{100 * coverage(result.left_out):.0f} % lie in their interval of {_level(built)}.",
        f"Used: {', '.join(used) or 'nothing but the mean'}.",
    ]
    notes += [
        f"Without {names}, which some languages to forecast lack: {100 * inside:.0f} % do."
        for names, (_, inside) in without.items()
    ]
    if result.unused:
        notes.append(
            f"Not used, since some measured languages lack it: {', '.join(result.unused)}."
        )
    if built.unplaced:
        notes.append(f"Left out, not in the table of typology: {', '.join(built.unplaced)}.")
    best = min(errors[1:], key=lambda error: error.mean_absolute)
    if errors[0].mean_absolute >= best.mean_absolute:
        notes.append(f"The forecast is no better than the {best.method}: do not rely on it.")
    numbers = [("mean_absolute_error", "mean absolute error"), ("largest", "largest")]
    return Table(
        "errors",
        f"Leaving one language out: {name}, {title}",
        columns("method", numbers=[*numbers, ("rho", "rho")], decimals=2),
        tuple(rows),
        tuple(notes),
    )


def _targets(name: str, title: str, built: Assembled, result: Forecasts) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (row.language.code, row.language.name, _estimate(row), _reason(row, result))
        for row in result.targets
    ]
    return Table(
        "forecasts",
        f"Forecasts: {name}, {title}",
        (
            *columns("locale", "language", numbers=[("forecast", "forecast")]),
            Column("reason", "reason", numeric=False),
        ),
        tuple(rows),
        (f"Intervals are made to hold {_level(built)} of cases (jackknife+).",),
        _level(built),
    )


def _left_out(name: str, title: str, left_out: Sequence[LanguageForecast], level: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for row in left_out:
        assert row.measured is not None
        assert row.value is not None
        rows.append(
            (
                row.language.code,
                row.language.name,
                Estimate(value=row.measured),
                _estimate(row),
                Difference(value=row.value - row.measured),
                ", ".join(row.nearest),
            )
        )
    numbers = [("measured", "measured"), ("forecast", "forecast"), ("error", "error")]
    return Table(
        "left_out",
        f"Measured languages, each forecast without itself: {name}, {title}",
        (
            *columns("locale", "language", numbers=numbers),
            Column("nearest", "nearest", numeric=False),
        ),
        tuple(rows),
        interval=level,
    )


def _level(built: Assembled) -> str:
    return f"{100 * built.request.level:g} %"


def _estimate(row: LanguageForecast) -> Estimate | None:
    if row.value is None:
        return None
    return Estimate(value=row.value, low=row.low, high=row.high)


def _reason(row: LanguageForecast, result: Forecasts) -> str:
    if row.unlike:
        return f"not forecast: {'; '.join(row.unlike)}"
    parts = sorted(row.parts.items(), key=lambda part: -abs(part[1]))
    moves = [
        f"{result.titles[block]} {100 * move:+.1f}"
        for block, move in parts[:_SHOWN_PARTS]
        if abs(move) >= _LEAST_PART
    ]
    clauses = [", ".join(moves), f"nearest {', '.join(row.nearest)}"]
    if row.lacking:
        clauses.append(f"without {', '.join(row.lacking)}")
    return "; ".join(filter(None, clauses))


def source_tables(result: Suggestions, top: int) -> list[Table]:
    """Sources for each language, and what such choices cost.

    Args:
        result: Them.
        top: How many sources a language has at most.
    """
    rows: list[tuple[Cell, ...]] = [
        (language.code, language.name, str(place), row.source, row.name, Difference(value=row.gain))
        for language, ordered in result.by_language
        for place, row in enumerate(ordered[:top], start=1)
    ]
    header = columns("for", "language", "rank", "source", "source language")
    unlike = tuple(f"{code}: nothing is said, {why}." for code, why in result.unlike.items())
    return [
        Table(
            "sources",
            "Whose labels to train on",
            (*header, Column("gain", "gain")),
            tuple(rows),
            (
                *unlike,
                "Gain: points over the mean source, predicted without scores in the language.",
            ),
        ),
        _regrets(result),
    ]


def _regrets(result: Suggestions) -> Table:
    rules = dict.fromkeys(regret.rule for every in result.regrets.values() for regret in every)
    rows: list[tuple[Cell, ...]] = []
    for (model, metric), every in result.regrets.items():
        rows += [(model, metric, regret.rule, *_lost(regret.by_top.values())) for regret in every]
    if len(result.regrets) > 1:
        for rule in rules:
            chosen = [r for every in result.regrets.values() for r in every if r.rule == rule]
            means = [_mean_of([regret.by_top[top] for regret in chosen]) for top in TOPS]
            rows.append(("mean", "", rule, *_lost(means)))
    numbers = [(f"top_{top}", f"best of {top}" if top > 1 else "first") for top in TOPS]
    return Table(
        "regret",
        "What a choice loses against the best source",
        columns("model", "metric", "rule", numbers=numbers),
        tuple(rows),
        ("In points, mean over the targets of the matrix, each left out with its own labels.",),
    )


def _lost(values: Iterable[float | None]) -> list[Cell]:
    return [None if value is None else Estimate(value=value) for value in values]


def _mean_of(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
