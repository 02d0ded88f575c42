"""The table of a pair of systems: both scores, the difference, its interval and p-value."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from massive_kit.breakdown.replicate_comparison import (
    LEVEL,
    PairedDifference,
    plain_difference,
)
from massive_kit.publish import cells, paths, shared_columns, svg
from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.entries import Entry, estimate_of
from massive_kit.publish.maps_shown import pair_map
from massive_kit.publish.pairs import Pair, PairTests, averaged_alike, comparable
from massive_kit.publish.tables import BoardCell, BoardColumn, BoardRow, BoardTable
from massive_kit.publish.text import safe_text
from massive_kit.schema.metrics import AVERAGES
from massive_kit.schema.scores import Difference, ScoreSet

_SMALLEST_P = 0.001


def pair_table(model: BoardModel, pair: Pair, pair_tests: PairTests) -> BoardTable:
    """Averages, then languages: both scores and the difference, second minus first."""
    metrics = model.metrics
    tests = pair_tests.tests
    keys = _keys(pair)
    differences = {
        (key, metric): difference_of(pair, pair_tests, key, metric)
        for key in keys
        for metric in metrics
    }
    axis = svg.Axis.of((differences[key, metrics[0]] for key in keys), signed=True)
    rows = []
    for key in keys:
        scores = [_scores(entry, key) for entry in (pair.first, pair.second)]
        line = [
            _head(model, key, paths.root_of(pair.page)),
            cells.plot(axis, differences[key, metrics[0]]),
            *(_score_cell(score_set, metrics[0]) for score_set in scores),
        ]
        for metric in metrics:
            line.append(cells.difference(differences[key, metric], digits=2))
            if tests:
                line.append(p_cell(tests.get((key, metric))))
        kind, _, name = key.partition(":")
        facets = shared_columns.language_facets(model, name) if kind == "locale" else {}
        rows.append(BoardRow(line, facets))
    return BoardTable(
        "differences",
        f"First: {safe_text(pair.first.manifest.title)}."
        f" Second: {safe_text(pair.second.manifest.title)}."
        " Differences are second minus first, in points",
        _columns(metrics, axis, tested=bool(tests)),
        rows,
        css="pair",
        search=True,
        figure=pair_map(model, pair.first, pair.second, paths.root_of(pair.page), tests),
    )


def difference_of(pair: Pair, pair_tests: PairTests, key: str, metric: str) -> Difference | None:
    """Second minus first: the tested difference where there is one, else a subtraction."""
    test = pair_tests.tests.get((key, metric))
    if test is not None:
        # A mean of ones may come out a rounding error above one.
        ends = (test.difference, test.low, test.high)
        value, low, high = (max(-1.0, min(1.0, end)) for end in ends)
        return Difference(value=value, low=low, high=high)
    if not comparable(pair.first, pair.second, key, metric):
        return None
    first, second = (
        estimate_of(_scores(entry, key), metric) for entry in (pair.first, pair.second)
    )
    return plain_difference(first, second)


def p_cell(test: PairedDifference | None) -> BoardCell:
    """A corrected p-value, marked where it is significant."""
    if test is None:
        return BoardCell(cells.MISSING, (None, None))
    shown = "<\u2009" + f"{_SMALLEST_P}" if test.p_holm < _SMALLEST_P else f"{test.p_holm:.3f}"
    data = (float(f"{test.p:.4g}"), float(f"{test.p_holm:.4g}"))
    if test.p_holm < LEVEL:
        html = Markup('<b class="sure">{}</b>').format(shown)
        return BoardCell(html, data, test.p_holm)
    return BoardCell(Markup("{}").format(shown), data, test.p_holm)


def _columns(metrics: Sequence[str], axis: svg.Axis, *, tested: bool) -> list[BoardColumn]:
    columns = [
        BoardColumn("language", "Average or language", "head", ("what",)),
        cells.plot_column(axis, f"{cells.heading(metrics[0])}, difference"),
        BoardColumn("first", "First", "number", ("first",), first="descending"),
        BoardColumn("second", "Second", "number", ("second",), first="descending"),
    ]
    for metric in metrics:
        hint = f"{cells.heading(metric)}, second minus first, in points"
        columns.append(cells.estimate_column(metric, hint=hint))
        if tested:
            columns.append(
                BoardColumn(
                    f"p-{metric}",
                    "p",
                    "number",
                    (f"{metric}_p", f"{metric}_p_holm"),
                    hint="Two-sided p-value, Holm-corrected over the languages",
                )
            )
    return columns


def _keys(pair: Pair) -> list[str]:
    first, second = pair.first, pair.second
    averages = [
        f"average:{name}"
        for name in AVERAGES
        if averaged_alike(first, second) and first.average(name) and second.average(name)
    ]
    shared = [locale for locale in first.scores.locales if locale in second.scores.locales]
    return averages + [f"locale:{locale}" for locale in shared]


def _head(model: BoardModel, key: str, root: str) -> BoardCell:
    kind, _, name = key.partition(":")
    if kind == "locale":
        return shared_columns.language(model, name, root)
    title = cells.average_title(name).capitalize()
    return BoardCell(Markup("<b>{}</b>").format(title), (name,), name)


def _scores(entry: Entry, key: str) -> ScoreSet | None:
    kind, _, name = key.partition(":")
    return entry.average(name) if kind == "average" else entry.scores.locales.get(name)


def _score_cell(scores: ScoreSet | None, metric: str) -> BoardCell:
    score = estimate_of(scores, metric)
    if score is None:
        return BoardCell(cells.MISSING, (None,))
    html = Markup(cells.percent(score.value))  # noqa: S704 - a number
    return BoardCell(html, (round(score.value, 6),), score.value)
