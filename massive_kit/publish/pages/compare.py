"""Two systems side by side: pages for some pairs, and one page where the reader picks any two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from massive_kit.breakdown.replicate_comparison import Tally
from massive_kit.counted import counted
from massive_kit.publish import cells, shared_columns
from massive_kit.publish.board_model import BoardModel, RankedSection
from massive_kit.publish.compare_data import list_script, system_script
from massive_kit.publish.page import Content, NavEntry, Page
from massive_kit.publish.pair_tables import difference_of, p_cell, pair_table
from massive_kit.publish.pairs import Pair, PairTests, paired_tests, pairs
from massive_kit.publish.tables import BoardCell, BoardColumn, BoardRow, BoardTable
from massive_kit.publish.text import safe_text
from massive_kit.schema.metrics import MAIN_METRICS

NAV = NavEntry(6, "compare", "Compare", "compare.html")


@dataclass(frozen=True, slots=True)
class _Overview:
    """What the overview shows of a pair: the difference that ranks, and its p-value."""

    pair: Pair
    cells: tuple[BoardCell, BoardCell]


def pages(model: BoardModel) -> Iterator[Page]:
    """The page to pick two systems, then the pairs."""
    overviews = []
    for pair in pairs(model):
        tests = paired_tests(pair.first, pair.second)
        overviews.append(_Overview(pair, _overview_cells(model, pair, tests)))
        yield pair_page(model, pair, tests)
    tables = tuple(
        _overview_table(model, ranked, [o for o in overviews if o.pair.section is ranked])
        for ranked in model.sections
        if len(ranked.standings) > 1 and model.board.static_pairs
    )
    metrics = [(MAIN_METRICS.index(metric), cells.heading(metric)) for metric in model.metrics]
    yield Page(
        "compare.html",
        "compare.html",
        "Compare two systems",
        "compare",
        tables,
        {"metrics": metrics},
        _scripts(model),
    )


def pair_page(model: BoardModel, pair: Pair, tests: PairTests) -> Page:
    """The page of a pair."""
    metric = model.board.metric
    local = [
        test
        for (key, name), test in tests.tests.items()
        if key.startswith("locale:") and name == metric
    ]
    return Page(
        pair.page,
        "pair.html",
        f"{safe_text(pair.first.manifest.title)} and {safe_text(pair.second.manifest.title)}",
        "compare",
        (pair_table(model, pair, tests),),
        {
            "pair": pair,
            "refusal": tests.refusal,
            "tally": Tally.of(local) if tests.tests else None,
            "metric": cells.heading(metric),
        },
    )


def data_file(key: str) -> str:
    """Where the script with a system's scores lies."""
    return f"compare/data/{key}.js"


def _scripts(model: BoardModel) -> dict[str, Content]:
    systems = []
    files: dict[str, Content] = {}
    for ranked in model.sections:
        for entry in ranked.entries:
            files[data_file(entry.key)] = partial(system_script, entry, ranked.section.title)
            systems.append(
                {
                    "key": entry.key,
                    "title": safe_text(entry.manifest.title),
                    "team": safe_text(entry.manifest.team),
                    "section": safe_text(ranked.section.title),
                    "page": entry.page,
                }
            )
    names = {safe_text(locale): safe_text(model.language(locale).name) for locale in model.locales}
    files["compare/data/systems.js"] = list_script(systems, names)
    return files


def _overview_cells(model: BoardModel, pair: Pair, tests: PairTests) -> tuple[BoardCell, BoardCell]:
    key, metric = f"average:{model.board.average}", model.board.metric
    difference = difference_of(pair, tests, key, metric)
    return cells.difference(difference, digits=2), p_cell(tests.tests.get((key, metric)))


def _overview_table(
    model: BoardModel, ranked: RankedSection, overviews: Sequence[_Overview]
) -> BoardTable:
    columns = [
        BoardColumn("pair", "Pair", "head", ("first", "second")),
        BoardColumn(
            "difference",
            f"{cells.heading(model.board.metric)}, second minus first",
            "number",
            ("difference", "difference_low", "difference_high"),
            hint=f"In points, {cells.average_title(model.board.average)}",
            first="descending",
        ),
        BoardColumn("p", "p", "number", ("p", "p_holm"), hint="Two-sided p-value"),
    ]
    rows = [BoardRow([_pair_cell(overview.pair), *overview.cells]) for overview in overviews]
    total = len(ranked.standings) * (len(ranked.standings) - 1) // 2
    some = "" if len(rows) == total else f" of {total:,}, those among the first places"
    return BoardTable(
        ranked.section.id,
        f"{ranked.section.title}: {counted(len(rows), 'pair')}{some}",
        columns,
        rows,
        title=ranked.section.title,
        search=len(rows) > shared_columns.FEW,
    )


def _pair_cell(pair: Pair) -> BoardCell:
    first, second = (safe_text(entry.manifest.title) for entry in (pair.first, pair.second))
    html = Markup('<a href="{}"><bdi>{}</bdi> and <bdi>{}</bdi></a>').format(
        pair.page, first, second
    )
    return BoardCell(html, (pair.first.key, pair.second.key), f"{first} {second}".casefold())
