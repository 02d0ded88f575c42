"""The page of scores against size, latency and price, for sections whose systems say such."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from massive_kit.counted import counted
from massive_kit.publish import cells, shared_columns
from massive_kit.publish.board_model import BoardModel, RankedSection
from massive_kit.publish.entries import Entry
from massive_kit.publish.fact_columns import fact_column
from massive_kit.publish.page import NavEntry, Page
from massive_kit.publish.tables import BoardCell, BoardColumn, BoardRow, BoardTable
from massive_kit.publish.text import safe_text
from massive_kit.publish.trade_off import CostedSystem, front, plot
from massive_kit.schema.board import FactName
from massive_kit.schema.metrics import METRIC_INFO

PATH = "trade-offs.html"
# Fewer systems show no trade-off.
_FEWEST = 2
_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something that a system costs.

    Attributes:
        name: Short name, for anchors.
        title: On the axis.
        against: In a sentence: `against <this>`.
        column: The column of the table that has it, where there is one.
        shown: How a cost is written.
        costs: What a system costs, above 0 or `None`, and with what alone that compares: a
            machine, a currency.
    """

    name: str
    title: str
    against: str
    column: FactName | None
    shown: Callable[[float], str]
    costs: Callable[[Entry], tuple[float | None, str]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot and what stands above it."""

    heading: str
    drawing: Markup


def _price(entry: Entry) -> tuple[float | None, str]:
    asked = entry.manifest.in_context
    if asked is None or not asked.cost or not entry.utterances:
        return None, ""
    return asked.cost / entry.utterances * _THOUSAND, asked.currency or ""


def _latency(entry: Entry) -> tuple[float | None, str]:
    measured = entry.manifest.measured
    if measured is None:
        return None, ""
    return measured.latency_p50_ms or None, measured.machine or ""


def _bytes(entry: Entry) -> tuple[float | None, str]:
    measured = entry.manifest.measured
    return (measured.model_bytes or None, "") if measured else (None, "")


DIMENSIONS = (
    Dimension(
        "parameters",
        "parameters",
        "parameters",
        "parameters",
        lambda value: cells.size(round(value)),
        lambda entry: (entry.manifest.parameters.total, ""),
    ),
    Dimension(
        "body",
        "parameters without embeddings",
        "parameters without embeddings",
        "body",
        lambda value: cells.size(round(value)),
        lambda entry: (entry.manifest.parameters.without_embeddings, ""),
    ),
    Dimension("bytes", "bytes", "the size of the model's files", "bytes", cells.memory, _bytes),
    Dimension(
        "latency",
        "p50 of one utterance, ms",
        "latency",
        "latency",
        lambda value: f"{cells.short_number(value)}\u00a0ms",
        _latency,
    ),
    Dimension("price", "price of 1,000 utterances", "price", "cost", cells.price, _price),
)


def _path(model: BoardModel) -> str | None:
    return PATH if any(_drawn(model, ranked) for ranked in model.sections) else None


NAV = NavEntry(4, "trade-offs", "Size and speed", _path)


def pages(model: BoardModel) -> Iterator[Page]:
    """One page, if any section has something to draw."""
    drawn = [(ranked, figures) for ranked in model.sections if (figures := _drawn(model, ranked))]
    if not drawn:
        return
    tables = tuple(trade_off_table(model, ranked) for ranked, _ in drawn)
    yield Page(PATH, "trade-offs.html", "Size and speed", NAV.key, tables, {"drawn": drawn})


def _drawn(model: BoardModel, ranked: RankedSection) -> list[Figure]:
    key = ("trade-offs", ranked.section.id)
    figures: list[Figure] = model.once(key, lambda: list(figures_of(model, ranked)))
    return figures


def figures_of(model: BoardModel, ranked: RankedSection) -> Iterator[Figure]:
    """A plot for each thing that two systems or more say they cost."""
    metric = model.board.metric
    for dimension in DIMENSIONS:
        for kind, costed in _comparable(model, ranked, dimension).items():
            systems = [system for _, system in costed]
            marked = front(systems, METRIC_INFO[metric].gain)
            heading = f"{cells.heading(metric)} against {dimension.against}"
            if kind:
                heading += f" ({safe_text(kind)})"
            best = ", ".join(safe_text(systems[i].name) for i in marked)
            drawing = plot(
                systems,
                marked,
                caption=f"{heading}, {counted(len(systems), 'system')}. None outdoes: {best}.",
                cost=f"{dimension.title}, logarithmic",
                score=cells.heading(metric),
                shown=dimension.shown,
            )
            yield Figure(heading, drawing)


def _comparable(
    model: BoardModel, ranked: RankedSection, dimension: Dimension
) -> dict[str, list[tuple[Entry, CostedSystem]]]:
    """Systems with such a cost, by what alone it compares with."""
    by_kind: dict[str, list[tuple[Entry, CostedSystem]]] = {}
    for entry in ranked.entries:
        cost, kind = dimension.costs(entry)
        score = entry.headline(model.board)
        if cost and score is not None:
            system = CostedSystem(entry.manifest.title, cost, score)
            by_kind.setdefault(kind, []).append((entry, system))
    return {kind: systems for kind, systems in by_kind.items() if len(systems) >= _FEWEST}


def trade_off_table(model: BoardModel, ranked: RankedSection) -> BoardTable:
    """The same numbers to read, and which systems none outdoes."""
    metric = model.board.metric
    costed = {dimension: _comparable(model, ranked, dimension) for dimension in DIMENSIONS}
    shown = [dimension for dimension, systems in costed.items() if systems]
    facts = [fact_column(dimension.column) for dimension in shown if dimension.column]
    columns = [
        shared_columns.SYSTEM,
        cells.estimate_column(metric),
        *(fact.column for fact in facts),
        BoardColumn(
            "front",
            "None outdoes it by",
            "text",
            ("front",),
            hint="No other system of the table costs as little and scores as much",
        ),
    ]
    best: dict[str, list[str]] = {}
    for dimension in shown:
        for systems in costed[dimension].values():
            for i in front([system for _, system in systems], METRIC_INFO[metric].gain):
                best.setdefault(systems[i][0].key, []).append(dimension.against)
    rows = []
    for entry in ranked.entries:
        line: list[BoardCell] = [
            shared_columns.system(model, entry, ""),
            cells.estimate(entry.headline(model.board)),
            *(fact.cell(entry) for fact in facts),
            cells.text(", ".join(best.get(entry.key, ())), "wrap"),
        ]
        rows.append(BoardRow(line, shared_columns.facets(model, entry)))
    return BoardTable(
        ranked.section.id,
        f"{ranked.section.title}: {cells.in_sentence(metric)} and what it takes",
        columns,
        rows,
        order=(metric, "descending" if METRIC_INFO[metric].higher_is_better else "ascending"),
        notes=["Latency is of one utterance at a time on one thread, as declared."]
        * any(dimension.name == "latency" for dimension in shown),
        css="systems",
        search=True,
    )
