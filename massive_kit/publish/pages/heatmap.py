"""Heat maps: languages down, systems across, the number in every cell."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from massive_kit.publish import cells, shared_columns
from massive_kit.publish.model import Model, Ranked, metric_of
from massive_kit.publish.page import Nav, Page
from massive_kit.publish.pages.index import metrics
from massive_kit.publish.tables import Cell, Column, Row, Table, filters_of
from massive_kit.publish.text import counted, visible

STEPS = 9
# Columns of typology that a row is sorted by, beside the board's groupings.
_TYPOLOGY = ("word_order",)


def path(ranked: Ranked, metric: str) -> str:
    """Where the heat map of a section and metric lies."""
    return f"heatmap/{ranked.section.id}.{metric}.html"


def first(model: Model) -> str | None:
    """The heat map that the navigation leads to."""
    return path(model.sections[0], model.board.metric) if model.sections else None


NAV = Nav(5, "heatmap", "Heat map", first)


def pages(model: Model) -> Iterator[Page]:
    """One page for each section and metric."""
    for ranked in model.sections:
        for metric in metrics(model):
            table, low, high = heat_table(model, ranked, metric)
            yield Page(
                path(ranked, metric),
                "heatmap.html",
                f"Heat map: {visible(ranked.section.title)}, {cells.said(metric)}",
                "heatmap",
                (table,),
                {
                    "metric": metric,
                    "here": ranked.section.id,
                    "choices": [
                        (other, [(name, path(other, name)) for name in metrics(model)])
                        for other in model.sections
                    ],
                    "legend": [
                        (step, cells.percent(low + (high - low) * step / STEPS))
                        for step in range(STEPS + 1)
                    ],
                },
            )


def heat_table(model: Model, ranked: Ranked, metric: str) -> tuple[Table, float, float]:
    """The table, and the scores at the two ends of the colours."""
    page = path(ranked, metric)
    entries = ranked.entries
    locales = sorted(
        {locale for entry in entries for locale in entry.scores.locales},
        key=lambda one: (visible(model.language(one).name).casefold(), one),
    )
    values = {
        (locale, entry.key): found.value
        for entry in entries
        for locale, scores in entry.scores.locales.items()
        if (found := metric_of(scores, metric)) is not None
    }
    low, high = min(values.values(), default=0.0), max(values.values(), default=1.0)
    typology = [
        by
        for by in dict.fromkeys((*model.board.groupings, *_TYPOLOGY))
        if by in model.languages.columns
    ]
    columns = [
        Column("language", "Language", "head", ("locale",)),
        *(Column(entry_key, title, "number", (entry_key,), first="descending", href=href)
          for entry_key, title, href in (
              (entry.key, visible(entry.manifest.title), entry.page) for entry in entries)),
        *(Column(by, shared_columns.label(by), "text", (by,)) for by in typology),
    ]  # fmt: skip
    body = []
    for locale in locales:
        known = model.language(locale)
        line: list[Cell] = [shared_columns.language(model, locale, "../")]
        for entry in entries:
            value = values.get((locale, entry.key))
            if value is None:
                line.append(Cell(cells.MISSING, (None,), None, "h"))
                continue
            line.append(
                Cell(
                    Markup(cells.percent(value)),  # noqa: S704 - a number
                    (round(value, 6),),
                    value,
                    f"h h{step(value, low, high)}",
                )
            )
        line += [shared_columns.group(model, by, known.get(by), "../") for by in typology]
        body.append(Row(line, shared_columns.language_facets(model, locale)))
    caption = (
        f"{cells.TITLES[metric]} in percent: {counted(len(body), 'language')} by"
        f" {counted(len(entries), 'system')}, {visible(ranked.section.title)}"
    )
    table = Table(
        page.removeprefix("heatmap/").removesuffix(".html").replace(".", "-"),
        caption,
        columns,
        body,
        order=("language", "ascending"),
        filters=filters_of(body, {by: shared_columns.label(by) for by in model.board.groupings}),
        css="heat many" if len(entries) > shared_columns.FEW else "heat",
        search=True,
    )
    return table, low, high


def step(value: float, low: float, high: float) -> int:
    """Which of the nine colours a score gets."""
    if high <= low:
        return STEPS // 2
    return min(int((value - low) / (high - low) * STEPS), STEPS - 1)
