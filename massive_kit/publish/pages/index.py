"""The first page: one table a section; and the page with the other averages."""

from __future__ import annotations

from collections.abc import Iterator

from massive_kit.publish import cells, svg
from massive_kit.publish.model import Model, Ranked, metric_of
from massive_kit.publish.page import Page
from massive_kit.publish.pages import rows
from massive_kit.publish.tables import Cell, Column, Row, Table, filters_of
from massive_kit.schema.scores import AVERAGES


def pages(model: Model) -> Iterator[Page]:
    """The index and the averages."""
    tables = tuple(section_table(model, ranked) for ranked in model.sections)
    yield Page("index.html", "index.html", model.board.title, "index", tables)
    yield Page(
        "averages.html",
        "averages.html",
        "The three averages",
        "averages",
        tuple(averages_table(model, ranked) for ranked in model.sections),
    )


def metrics(model: Model) -> list[str]:
    """The metrics in the order of the columns: the one that ranks comes first."""
    return [
        model.board.metric,
        *(name for name in cells.TITLES if name != model.board.metric),
    ]


def section_table(model: Model, ranked: Ranked, root: str = "") -> Table:
    """The systems of a section, best first."""
    board = model.board
    estimates = [entry.headline(board) for entry in ranked.entries]
    axis = svg.Axis.over(end for one in estimates if one for end in (one.value, one.low, one.high))
    main, *others = metrics(model)
    columns = [
        rows.RANK,
        rows.SYSTEM,
        cells.plot_column(axis, f"{cells.TITLES[main]}, 95 %"),
        cells.estimate_column(main),
        *(cells.estimate_column(name) for name in others),
        rows.SIZE,
        rows.DATE,
    ]
    body = []
    for standing, one in zip(ranked.standings, estimates, strict=True):
        entry = standing.entry
        line: list[Cell] = [
            rows.rank(standing),
            rows.system(model, entry, root),
            cells.plot(axis, one),
            cells.estimate(one),
            *(cells.estimate(entry.headline(board, name)) for name in others),
            cells.parameters(entry.manifest.parameters.total),
            cells.date(entry.manifest.date),
        ]
        body.append(Row(line, rows.facets(entry)))
    return Table(
        ranked.section.id,
        f"{ranked.section.title}: {len(body)} systems on {_languages(ranked)},"
        f" {cells.AVERAGE_TITLES[board.average]}, in percent with 95 % intervals",
        columns,
        body,
        order=("rank", "ascending"),
        notes=rows.notes(ranked.standings),
        filters=filters_of(body, rows.FACETS),
        css="systems",
        search=True,
    )


def averages_table(model: Model, ranked: Ranked) -> Table:
    """All three averages of all metrics."""
    columns = [rows.RANK, rows.SYSTEM]
    for metric in metrics(model):
        for average in AVERAGES:
            name = f"{metric}_{average}"
            short = average.replace("macro_", "").replace("locales", "languages")
            title = f"{cells.TITLES[metric]}, {short}"
            columns.append(
                Column(
                    name,
                    title,
                    "number",
                    (name, f"{name}_low", f"{name}_high"),
                    hint=f"{cells.TITLES[metric]}, {cells.AVERAGE_TITLES[average]}",
                    first="descending",
                )
            )
    body = []
    for standing in ranked.standings:
        entry = standing.entry
        line = [rows.rank(standing), rows.system(model, entry, "")]
        for metric in metrics(model):
            for average in AVERAGES:
                found = entry.average(average)
                line.append(cells.estimate(metric_of(found, metric) if found else None))
        body.append(Row(line, rows.facets(entry)))
    return Table(
        ranked.section.id,
        f"{ranked.section.title}: pooled over utterances, mean over languages, mean over genera",
        columns,
        body,
        order=("rank", "ascending"),
        css="systems wide",
        search=True,
    )


def _languages(ranked: Ranked) -> str:
    count = len(ranked.locales)
    return f"{count} language{'' if count == 1 else 's'}"
