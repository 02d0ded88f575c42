"""Two systems side by side: pages for some pairs, and one page where the reader picks any two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup

from massive_kit.breakdown.replicate_comparison import PairedDifference, paired_differences
from massive_kit.publish import cells, paths, shared_columns, svg
from massive_kit.publish.model import Entry, Model, Ranked, metric_of
from massive_kit.publish.page import Nav, Page
from massive_kit.publish.pages.index import metrics
from massive_kit.publish.replicates import directory, replicates_of, script
from massive_kit.publish.tables import Cell, Column, Row, Table
from massive_kit.publish.text import counted, visible
from massive_kit.schema.metrics import AVERAGES, MAIN_METRICS
from massive_kit.schema.scores import Difference, ScoreSet

NAV = Nav(6, "compare", "Compare", "compare.html")
Tests = dict[tuple[str, str], PairedDifference]
_SMALLEST = 0.001
_LEVEL = 0.05
# With very many languages fewer pairs get a page: a page holds a row for each.
_MOST_ROWS, _FEWEST = 12_000, 3


@dataclass(frozen=True, slots=True)
class Pair:
    """Two systems of a section, the better one first."""

    section: Ranked
    first: Entry
    second: Entry

    @property
    def page(self) -> str:
        """Where its page lies."""
        return f"compare/{self.first.key}/{self.second.key}.html"


def pairs(model: Model) -> list[Pair]:
    """The pairs that get a page: those among the best of each section, up to the board's limit."""
    return model.once("pairs", lambda: _pairs(model))


def _pairs(model: Model) -> list[Pair]:
    found = []
    for ranked in model.sections:
        entries = ranked.entries
        every = (
            Pair(ranked, entries[i], entries[j]) for j in range(len(entries)) for i in range(j)
        )
        limit = min(model.board.static_pairs, max(_FEWEST, _MOST_ROWS // len(ranked.locales)))
        found += list(islice(every, limit))
    return found


def data_file(entry: Entry) -> str:
    """Where the script with a system's scores lies."""
    return f"compare/data/{entry.key}.js"


def pages(model: Model) -> Iterator[Page]:
    """The page to pick two systems, then the pairs."""
    chosen = pairs(model)
    lines = []
    for pair in chosen:
        page, line = pair_page(model, pair)
        lines.append((pair, line))
        yield page
    tables = tuple(
        _overview(model, ranked, [(p, line) for p, line in lines if p.section is ranked])
        for ranked in model.sections
        if len(ranked.standings) > 1 and model.board.static_pairs
    )
    systems = []
    files: dict[str, str | bytes] = {}
    for ranked in model.sections:
        for entry in ranked.entries:
            files[data_file(entry)] = script(entry, ranked.section.title)
            systems.append(
                {
                    "key": entry.key,
                    "title": visible(entry.manifest.title),
                    "team": visible(entry.manifest.team),
                    "section": visible(ranked.section.title),
                    "page": entry.page,
                }
            )
    names = {visible(locale): visible(model.language(locale).name) for locale in model.locales}
    files["compare/data/systems.js"] = directory(systems, names)
    yield Page(
        "compare.html",
        "compare.html",
        "Compare two systems",
        "compare",
        tables,
        {"metrics": [(MAIN_METRICS.index(name), cells.TITLES[name]) for name in metrics(model)]},
        files,
    )


def pair_page(model: Model, pair: Pair) -> tuple[Page, list[Cell]]:
    """The page of a pair, and what the overview says of it."""
    tests, refusal = tests_of(pair.first, pair.second)
    table = pair_table(model, pair, tests)
    page = Page(
        pair.page,
        "pair.html",
        f"{visible(pair.first.manifest.title)} and {visible(pair.second.manifest.title)}",
        "compare",
        (table,),
        {
            "pair": pair,
            "refusal": refusal,
            "tally": tally(model, tests) if tests else None,
            "metric": cells.TITLES[model.board.metric],
        },
    )
    main = model.board.metric
    key = f"average:{model.board.average}"
    test = tests.get((key, main))
    plain = _plain(pair.first, pair.second, key, main)
    line = [
        cells.difference(_difference(test) if test else plain, digits=2),
        p_cell(test),
    ]
    return page, line


def tests_of(first: Entry, second: Entry) -> tuple[Tests, str]:
    """The paired tests of two systems, or none and the reason why."""
    one, two = replicates_of(first), replicates_of(second)
    for entry, found in ((first, one), (second, two)):
        if found is None:
            why = (
                "its numbers were copied from print"
                if entry.published
                else "it was added without its stats.npz"
            )
            return (
                {},
                f"No paired test: {visible(entry.manifest.title)} has no statistics, as {why}.",
            )
    assert one is not None
    assert two is not None
    if not one.comparable(two):
        return {}, "No paired test: the two were not resampled alike (utterances, resamples, seed)."
    same = sorted(first.scores.averaged) == sorted(second.scores.averaged)
    keys = [key for key in one.keys if key in two.keys and (same or not key.startswith("average:"))]
    return {(d.key, d.metric): d for d in paired_differences(one, two, keys)}, ""


def tally(model: Model, tests: Tests) -> dict[str, int]:
    """On how many languages either system is better, after Holm."""
    local = [
        test
        for (key, metric), test in tests.items()
        if key.startswith("locale:") and metric == model.board.metric
    ]
    up = sum(test.significant and test.difference > 0 for test in local)
    down = sum(test.significant and test.difference < 0 for test in local)
    return {"second": up, "first": down, "neither": len(local) - up - down}


def pair_table(model: Model, pair: Pair, tests: Tests) -> Table:
    """Averages, then languages: both scores and the difference, second minus first."""
    main, *others = metrics(model)
    root = paths.root_of(pair.page)
    first, second = pair.first.scores, pair.second.scores
    keys = [f"average:{name}" for name in AVERAGES if _has(pair.first, pair.second, name)]
    shared = [locale for locale in first.locales if locale in second.locales]
    keys += [f"locale:{locale}" for locale in shared]
    found = {
        (key, metric): _difference(test)
        if (test := tests.get((key, metric)))
        else _plain(pair.first, pair.second, key, metric)
        for key in keys
        for metric in metrics(model)
    }
    ends = [
        end for key in keys if (one := found[key, main]) for end in (one.value, one.low, one.high)
    ]
    axis = svg.Axis.over(ends, signed=True)
    columns = [
        Column("language", "Average or language", "head", ("what",)),
        cells.plot_column(axis, f"{cells.TITLES[main]}, difference"),
        Column("first", "First", "number", ("first",), first="descending"),
        Column("second", "Second", "number", ("second",), first="descending"),
    ]
    for metric in (main, *others):
        columns.append(
            Column(
                metric,
                cells.TITLES[metric],
                "number",
                (metric, f"{metric}_low", f"{metric}_high"),
                hint=f"{cells.TITLES[metric]}, second minus first, in points",
                first="descending",
            )
        )
        if tests:
            columns.append(
                Column(
                    f"p-{metric}",
                    "p",
                    "number",
                    (f"{metric}_p", f"{metric}_p_holm"),
                    hint="Two-sided p-value, Holm-corrected over the languages",
                )
            )
    body = []
    for key in keys:
        kind, _, name = key.partition(":")
        head = (
            Cell(Markup("<b>{}</b>").format(cells.AVERAGE_TITLES[name].capitalize()), (name,), name)
            if kind == "average"
            else shared_columns.language(model, name, root)
        )
        own, other = _scores(pair.first, key), _scores(pair.second, key)
        line = [head, cells.plot(axis, found[key, main])]
        line += [_score(own, main), _score(other, main)]
        for metric in (main, *others):
            line.append(cells.difference(found[key, metric], digits=2))
            if tests:
                line.append(p_cell(tests.get((key, metric))))
        facets = shared_columns.language_facets(model, name) if kind == "locale" else {}
        body.append(Row(line, facets))
    return Table(
        "differences",
        f"First: {visible(pair.first.manifest.title)}."
        f" Second: {visible(pair.second.manifest.title)}."
        " Differences are second minus first, in points",
        columns,
        body,
        css="pair",
        search=True,
    )


def p_cell(test: PairedDifference | None) -> Cell:
    """A corrected p-value, marked where it is significant."""
    if test is None:
        return Cell(cells.MISSING, (None, None))
    shown = "<\u20090.001" if test.p_holm < _SMALLEST else f"{test.p_holm:.3f}"
    data = (float(f"{test.p:.4g}"), float(f"{test.p_holm:.4g}"))
    if test.p_holm < _LEVEL:
        html = Markup('<b class="sure">{}</b>').format(shown)
        return Cell(html, data, test.p_holm)
    return Cell(Markup("{}").format(shown), data, test.p_holm)


def _overview(model: Model, ranked: Ranked, lines: Sequence[tuple[Pair, list[Cell]]]) -> Table:
    main = model.board.metric
    columns = [
        Column("pair", "Pair", "head", ("first", "second")),
        Column(
            "difference",
            f"{cells.TITLES[main]}, second minus first",
            "number",
            ("difference", "difference_low", "difference_high"),
            hint=f"In points, {cells.AVERAGE_TITLES[model.board.average]}",
            first="descending",
        ),
        Column("p", "p", "number", ("p", "p_holm"), hint="Two-sided p-value"),
    ]
    body = []
    for pair, line in lines:
        first, second = (visible(e.manifest.title) for e in (pair.first, pair.second))
        html = Markup('<a href="{}"><bdi>{}</bdi> and <bdi>{}</bdi></a>').format(
            pair.page, first, second
        )
        head = Cell(html, (pair.first.key, pair.second.key), f"{first} {second}".casefold())
        body.append(Row([head, *line]))
    total = len(ranked.standings) * (len(ranked.standings) - 1) // 2
    some = "" if len(body) == total else f" of {total:,}, those among the first places"
    return Table(
        ranked.section.id,
        f"{ranked.section.title}: {counted(len(body), 'pair')}{some}",
        columns,
        body,
        title=ranked.section.title,
        search=len(body) > shared_columns.FEW,
    )


def _scores(entry: Entry, key: str) -> ScoreSet | None:
    kind, _, name = key.partition(":")
    return entry.average(name) if kind == "average" else entry.scores.locales.get(name)


def _score(scores: ScoreSet | None, metric: str) -> Cell:
    value = metric_of(scores, metric) if scores else None
    if value is None:
        return Cell(cells.MISSING, (None,))
    return Cell(
        Markup(cells.percent(value.value)),  # noqa: S704 - a number
        (round(value.value, 6),),
        value.value,
    )


def _has(first: Entry, second: Entry, average: str) -> bool:
    same = sorted(first.scores.averaged) == sorted(second.scores.averaged)
    return same and first.average(average) is not None and second.average(average) is not None


def _plain(first: Entry, second: Entry, key: str, metric: str) -> Difference | None:
    one, two = _scores(first, key), _scores(second, key)
    a, b = (metric_of(s, metric) if s else None for s in (one, two))
    return None if a is None or b is None else Difference(value=round(b.value - a.value, 9))


def _difference(test: PairedDifference) -> Difference:
    low, high = (max(-1.0, min(1.0, end)) for end in (test.low, test.high))
    return Difference(value=test.difference, low=low, high=high)
