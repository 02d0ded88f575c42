"""The page with all three averages, by which the order of systems may differ."""

from __future__ import annotations

from collections.abc import Iterator

from massive_kit.publish import cells, shared_columns
from massive_kit.publish.model import Model, Ranked, metric_of
from massive_kit.publish.page import Nav, Page
from massive_kit.publish.pages.index import metrics
from massive_kit.publish.tables import Column, Row, Table
from massive_kit.schema.metrics import AVERAGE_INFO, AVERAGES

NAV = Nav(2, "averages", "Averages", "averages.html")


def pages(model: Model) -> Iterator[Page]:
    """One page with a table a section."""
    tables = tuple(averages_table(model, ranked) for ranked in model.sections)
    yield Page("averages.html", "averages.html", "The three averages", "averages", tables)


def averages_table(model: Model, ranked: Ranked) -> Table:
    """All three averages of all metrics."""
    columns = [shared_columns.RANK, shared_columns.SYSTEM]
    for metric in metrics(model):
        for average in AVERAGES:
            name = f"{metric}_{average}"
            title = f"{cells.TITLES[metric]}, {AVERAGE_INFO[average].short}"
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
        line = [shared_columns.rank(standing), shared_columns.system(model, entry, "")]
        for metric in metrics(model):
            for average in AVERAGES:
                found = entry.average(average)
                line.append(cells.estimate(metric_of(found, metric) if found else None))
        body.append(Row(line, shared_columns.facets(model, entry)))
    return Table(
        ranked.section.id,
        f"{ranked.section.title}: pooled over utterances, mean over languages, mean over genera",
        columns,
        body,
        order=("rank", "ascending"),
        css="systems wide",
        search=True,
    )
