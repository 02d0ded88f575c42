"""The page of the best scores over time, for sections whose results are of several days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from massive_kit.counted import counted
from massive_kit.publish import cells, shared_columns
from massive_kit.publish.board_model import BoardModel, RankedSection
from massive_kit.publish.page import NavEntry, Page
from massive_kit.publish.pair_tables import difference_of
from massive_kit.publish.pairs import Pair, PairTests, averaged_alike, paired_tests
from massive_kit.publish.tables import BoardCell, BoardColumn, BoardRow, BoardTable
from massive_kit.publish.trend import DatedResult, records, trend_plot

PATH = "trend.html"
# A test reads the resamples of two systems.
_MOST_TESTED = 30


@dataclass(frozen=True, slots=True)
class SectionTrend:
    """A section with its results over time.

    Attributes:
        ranked: The section.
        results: All results with a score, older versions too.
        best: Those that raised the best score, oldest first.
    """

    ranked: RankedSection
    results: Sequence[DatedResult]
    best: Sequence[DatedResult]


def _path(model: BoardModel) -> str | None:
    return PATH if trends(model) else None


NAV = NavEntry(5, "trend", "Trend", _path)


def trends(model: BoardModel) -> list[SectionTrend]:
    """The sections whose results are of two days or more."""
    return model.once("trends", lambda: _trends(model))


def _trends(model: BoardModel) -> list[SectionTrend]:
    made = []
    for ranked in model.sections:
        results = [
            DatedResult(entry, score)
            for entry in ranked.versions
            if (score := entry.headline(model.board)) is not None
        ]
        if len({result.day for result in results}) > 1:
            best = records(results, model.board.metric)
            made.append(SectionTrend(ranked, results, best))
    return made


def pages(model: BoardModel) -> Iterator[Page]:
    """One page, if any section has a trend."""
    shown = trends(model)
    if not shown:
        return
    yield Page(
        PATH,
        "trend.html",
        "Best scores over time",
        NAV.key,
        tuple(trend_table(model, trend) for trend in shown),
        {"drawn": [(trend.ranked.section, _drawing(model, trend)) for trend in shown]},
    )


def _drawing(model: BoardModel, trend: SectionTrend) -> Markup:
    metric = cells.heading(model.board.metric)
    first, last = trend.best[0], trend.best[-1]
    caption = (
        f"{metric} of {counted(len(trend.results), 'result')} by date. The best score goes from"
        f" {cells.percent(first.score.value)} on {first.day} to"
        f" {cells.percent(last.score.value)} on {last.day}."
    )
    return trend_plot(trend.results, trend.best, caption=caption, score=metric)


def trend_table(model: BoardModel, trend: SectionTrend) -> BoardTable:
    """The results that raised the best score, newest first, and by how much each did."""
    ranked, metric = trend.ranked, model.board.metric
    columns = [
        shared_columns.DATE,
        shared_columns.SYSTEM,
        BoardColumn("version", "Version", "text", ("version",)),
        cells.estimate_column(metric),
        BoardColumn(
            "gain",
            "Over the best before",
            "number",
            ("gain", "gain_low", "gain_high"),
            hint="Difference to the best score of all earlier days, in points, with the interval of"
            " the paired test where one can be made",
            first="descending",
        ),
    ]
    rows = []
    for place in reversed(range(len(trend.best))):
        result = trend.best[place]
        tested = place >= len(trend.best) - _MOST_TESTED
        before = trend.best[place - 1] if place else None
        line: list[BoardCell] = [
            cells.date(result.day),
            shared_columns.system(model, result.entry, ""),
            cells.text(result.entry.manifest.version),
            cells.estimate(result.score),
            _gain(model, ranked, before, result, tested=tested),
        ]
        rows.append(BoardRow(line, shared_columns.facets(model, result.entry)))
    return BoardTable(
        ranked.section.id,
        f"{ranked.section.title}: {counted(len(rows), 'result')} of {len(trend.results)} raised the"
        f" best {cells.in_sentence(metric)}, {cells.average_title(model.board.average)}",
        columns,
        rows,
        order=("date", "descending"),
        css="systems",
        search=len(rows) > shared_columns.FEW,
    )


def _gain(
    model: BoardModel,
    ranked: RankedSection,
    before: DatedResult | None,
    result: DatedResult,
    *,
    tested: bool,
) -> BoardCell:
    if before is None or not averaged_alike(before.entry, result.entry):
        return cells.difference(None)
    key = f"average:{model.board.average}"
    tests = paired_tests(before.entry, result.entry, [key]) if tested else PairTests({})
    pair = Pair(ranked, before.entry, result.entry)
    return cells.difference(difference_of(pair, tests, key, model.board.metric), digits=2)
