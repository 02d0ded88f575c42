"""The first page: one table per section."""

from __future__ import annotations

from collections.abc import Iterator

from massive_kit.counted import counted
from massive_kit.publish import cells, paths, shared_columns, svg
from massive_kit.publish.board_model import BoardModel, RankedSection
from massive_kit.publish.fact_columns import fact_column
from massive_kit.publish.page import NavEntry, Page
from massive_kit.publish.tables import BoardCell, BoardRow, BoardTable, filters_of

NAV = NavEntry(1, "index", "Systems", "index.html")


def pages(model: BoardModel) -> Iterator[Page]:
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


def section_table(model: BoardModel, ranked: RankedSection, root: str = "") -> BoardTable:
    """The systems of a section, best first."""
    board, main = model.board, model.board.metric
    scores = [entry.headline(board) for entry in ranked.entries]
    axis = svg.Axis.of(scores)
    facts = [fact_column(column) for column in ranked.section.columns]
    columns = [
        shared_columns.RANK,
        shared_columns.SYSTEM,
        cells.plot_column(axis, f"{cells.heading(main)}, 95 %"),
        *(cells.estimate_column(metric) for metric in model.metrics),
        *(fact.column for fact in facts),
    ]
    rows = []
    for standing, score in zip(ranked.standings, scores, strict=True):
        entry = standing.entry
        line: list[BoardCell] = [
            shared_columns.rank(standing),
            shared_columns.system(model, entry, root),
            cells.plot(axis, score),
            *(cells.estimate(entry.headline(board, metric)) for metric in model.metrics),
            *(fact.cell(entry) for fact in facts),
        ]
        rows.append(BoardRow(line, shared_columns.facets(model, entry)))
    return BoardTable(
        ranked.section.id,
        f"{ranked.section.title}: {counted(len(rows), 'system')} on"
        f" {counted(len(ranked.locales), 'language')},"
        f" {cells.average_title(board.average)}, in percent with 95 % intervals",
        columns,
        rows,
        order=("rank", "ascending"),
        notes=[
            *shared_columns.notes(ranked.standings),
            *shared_columns.mean_notes(model, ranked.entries),
        ],
        filters=filters_of(rows, shared_columns.FACETS),
        css="systems",
        search=True,
    )


def _groups(model: BoardModel) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """For each grouping its heading, and where each group leads, its name and size."""
    links: dict[str, list[tuple[str, str, int]]] = {}
    for group in model.groups:
        page = paths.group_page(group.by, group.name)
        links.setdefault(shared_columns.label(group.by), []).append(
            (page, group.name, len(group.locales))
        )
    return list(links.items())
