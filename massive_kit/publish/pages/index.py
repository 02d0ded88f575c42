"""The first page: one table a section."""

from __future__ import annotations

from collections.abc import Iterator

from massive_kit.publish import cells, paths, shared_columns, svg
from massive_kit.publish.model import Model, Ranked
from massive_kit.publish.page import Nav, Page
from massive_kit.publish.tables import Cell, Row, Table, filters_of
from massive_kit.publish.text import counted

NAV = Nav(1, "index", "Systems", "index.html")


def pages(model: Model) -> Iterator[Page]:
    """The index."""
    tables = tuple(section_table(model, ranked) for ranked in model.sections)
    yield Page(
        "index.html",
        "index.html",
        model.board.title,
        "index",
        tables,
        {"page_groups": _groups(model)},
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
        shared_columns.RANK,
        shared_columns.SYSTEM,
        cells.plot_column(axis, f"{cells.TITLES[main]}, 95 %"),
        cells.estimate_column(main),
        *(cells.estimate_column(name) for name in others),
        shared_columns.SIZE,
        shared_columns.DATE,
    ]
    body = []
    for standing, one in zip(ranked.standings, estimates, strict=True):
        entry = standing.entry
        line: list[Cell] = [
            shared_columns.rank(standing),
            shared_columns.system(model, entry, root),
            cells.plot(axis, one),
            cells.estimate(one),
            *(cells.estimate(entry.headline(board, name)) for name in others),
            cells.parameters(entry.manifest.parameters.total),
            cells.date(entry.manifest.date),
        ]
        body.append(Row(line, shared_columns.facets(model, entry)))
    return Table(
        ranked.section.id,
        f"{ranked.section.title}: {counted(len(body), 'system')} on"
        f" {counted(len(ranked.locales), 'language')},"
        f" {cells.AVERAGE_TITLES[board.average]}, in percent with 95 % intervals",
        columns,
        body,
        order=("rank", "ascending"),
        notes=shared_columns.notes(ranked.standings),
        filters=filters_of(body, shared_columns.FACETS),
        css="systems",
        search=True,
    )


def _groups(model: Model) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """For each grouping its heading, and where each group leads, its name and size."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    for one in model.groups:
        page = paths.group_page(one.by, one.name)
        found.setdefault(shared_columns.label(one.by), []).append(
            (page, one.name, len(one.locales))
        )
    return list(found.items())
