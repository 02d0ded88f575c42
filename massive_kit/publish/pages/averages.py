"""The page with all three averages, by which the order of systems may differ."""

from __future__ import annotations

from collections.abc import Iterator

from massive_kit.publish import cells, shared_columns
from massive_kit.publish.board_model import BoardModel, RankedSection
from massive_kit.publish.entries import estimate_of
from massive_kit.publish.mean_choice import mean_links
from massive_kit.publish.page import NavEntry, Page
from massive_kit.publish.tables import BoardRow, BoardTable
from massive_kit.schema.metrics import AVERAGE_INFO, AVERAGES

NAV = NavEntry(2, "averages", "Averages", "averages.html")


def pages(model: BoardModel) -> Iterator[Page]:
    """One page with one table per section."""
    tables = tuple(averages_table(model, ranked) for ranked in model.sections)
    context = {"means": mean_links(model)}
    yield Page("averages.html", "averages.html", "The three averages", "averages", tables, context)


def averages_table(model: BoardModel, ranked: RankedSection) -> BoardTable:
    """All three averages of all metrics."""
    shown = [(metric, average) for metric in model.metrics for average in AVERAGES]
    columns = [shared_columns.RANK, shared_columns.SYSTEM]
    for metric, average in shown:
        columns.append(
            cells.estimate_column(
                metric,
                average,
                title=f"{cells.heading(metric)}, {AVERAGE_INFO[average].short}",
                hint=f"{cells.heading(metric)}, {cells.average_title(average)}",
            )
        )
    rows = []
    for standing in ranked.standings:
        entry = standing.entry
        line = [
            shared_columns.rank(standing),
            shared_columns.system(model, entry, ""),
            *(cells.estimate(estimate_of(entry.average(name), metric)) for metric, name in shown),
        ]
        rows.append(BoardRow(line, shared_columns.facets(model, entry)))
    return BoardTable(
        ranked.section.id,
        f"{ranked.section.title}: pooled over utterances, mean over languages, mean over genera",
        columns,
        rows,
        order=("rank", "ascending"),
        notes=shared_columns.mean_notes(model, ranked.entries),
        css="systems wide",
        search=True,
    )
