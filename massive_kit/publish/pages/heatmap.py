"""Heat maps: languages down, systems across, the number in every cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from massive_kit.counted import counted
from massive_kit.publish import cells, shared_columns
from massive_kit.publish.board_model import BoardModel, RankedSection
from massive_kit.publish.colour_scale import ColourScale
from massive_kit.publish.entries import estimate_of
from massive_kit.publish.page import NavEntry, Page
from massive_kit.publish.tables import BoardCell, BoardColumn, BoardRow, BoardTable, filters_of
from massive_kit.publish.text import safe_text

# Columns of typology that rows can be sorted by, besides the board's groupings.
_TYPOLOGY = ("word_order",)


def path(ranked: RankedSection, metric: str) -> str:
    """Where the heat map of a section and metric lies."""
    return f"heatmap/{ranked.section.id}.{metric}.html"


def first(model: BoardModel) -> str | None:
    """The heat map that the navigation leads to."""
    return path(model.sections[0], model.board.metric) if model.sections else None


NAV = NavEntry(5, "heatmap", "Heat map", first)


def pages(model: BoardModel) -> Iterator[Page]:
    """One page for each section and metric."""
    choices = [
        (ranked, [(metric, path(ranked, metric)) for metric in model.metrics])
        for ranked in model.sections
    ]
    for ranked in model.sections:
        for metric in model.metrics:
            heat = HeatMap.of(ranked, metric)
            yield Page(
                path(ranked, metric),
                "heatmap.html",
                f"Heat map: {safe_text(ranked.section.title)}, {cells.in_sentence(metric)}",
                "heatmap",
                (heat_table(model, heat),),
                {"choices": choices, "legend": heat.colours.legend()},
            )


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A metric of all systems of a section in all languages.

    Attributes:
        ranked: The section.
        metric: The metric.
        values: Scores by locale and the system's key.
        colours: The colours of the scores.
    """

    ranked: RankedSection
    metric: str
    values: Mapping[tuple[str, str], float]
    colours: ColourScale

    @classmethod
    def of(cls, ranked: RankedSection, metric: str) -> HeatMap:
        """The heat map of a section."""
        values = {
            (locale, entry.key): score.value
            for entry in ranked.entries
            for locale, scores in entry.scores.locales.items()
            if (score := estimate_of(scores, metric)) is not None
        }
        return cls(ranked, metric, values, ColourScale.of(values.values()))

    def cell(self, locale: str, key: str) -> BoardCell:
        """The score of a system in a language, coloured."""
        value = self.values.get((locale, key))
        if value is None:
            return BoardCell(cells.MISSING, (None,), None, "h")
        html = Markup(cells.percent(value))  # noqa: S704 - a number
        css = f"h h{self.colours.step(value)}"
        return BoardCell(html, (round(value, 6),), value, css)


def heat_table(model: BoardModel, heat: HeatMap) -> BoardTable:
    """Languages down, systems across."""
    entries, section = heat.ranked.entries, heat.ranked.section
    locales = sorted(
        {locale for entry in entries for locale in entry.scores.locales},
        key=lambda locale: (safe_text(model.language(locale).name).casefold(), locale),
    )
    typology = [
        by
        for by in dict.fromkeys((*model.board.groupings, *_TYPOLOGY))
        if by in model.languages.columns
    ]
    columns = [BoardColumn("language", "Language", "head", ("locale",))]
    for entry in entries:
        title = safe_text(entry.manifest.title)
        column = cells.estimate_column(heat.metric, title=title)
        columns.append(replace(column, key=entry.key, fields=(entry.key,), href=entry.page))
    columns += [BoardColumn(by, shared_columns.label(by), "text", (by,)) for by in typology]
    rows = []
    for locale in locales:
        known = model.language(locale)
        line = [
            shared_columns.language(model, locale, "../"),
            *(heat.cell(locale, entry.key) for entry in entries),
            *(shared_columns.group(model, by, known.get(by), "../") for by in typology),
        ]
        rows.append(BoardRow(line, shared_columns.language_facets(model, locale)))
    return BoardTable(
        f"{section.id}-{heat.metric}".replace(".", "-"),
        f"{cells.heading(heat.metric)} in percent: {counted(len(rows), 'language')} by"
        f" {counted(len(entries), 'system')}, {safe_text(section.title)}",
        columns,
        rows,
        order=("language", "ascending"),
        filters=filters_of(rows, {by: shared_columns.label(by) for by in model.board.groupings}),
        css="heat many" if len(entries) > shared_columns.FEW else "heat",
        search=True,
    )
