"""The list of groups (genus, family, script, ...), and a page for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from massive_kit.counted import counted
from massive_kit.languages import Group
from massive_kit.publish import cells, paths, shared_columns, svg
from massive_kit.publish.board_model import BoardModel, RankedSection
from massive_kit.publish.entries import Entry, best, estimate_of, languages_in_mean, merit
from massive_kit.publish.page import NavEntry, Page
from massive_kit.publish.tables import BoardColumn, BoardRow, BoardTable, filters_of
from massive_kit.publish.text import safe_text
from massive_kit.schema.scores import GroupScores

NAV = NavEntry(4, "groups", "Groups", "groups.html")


def pages(model: BoardModel) -> Iterator[Page]:
    """The list."""
    tables = []
    for by in model.board.groupings:
        groups = [group for group in model.groups if group.by == by]
        if groups:
            tables.append(_list_table(model, by, groups))
    yield Page("groups.html", "list.html", "Groups of languages", "groups", tuple(tables))


def makers(model: BoardModel) -> Iterator[Callable[[], Page]]:
    """Each group."""
    for group in model.groups:
        yield partial(group_page, model, group)


def group_page(model: BoardModel, group: Group) -> Page:
    """All systems on one group."""
    path = paths.group_page(group.by, group.name)
    root = paths.root_of(path)
    tables = (group_table(model, ranked, group, root) for ranked in model.sections)
    return Page(
        path,
        "group.html",
        shared_columns.group_title(model, group),
        "groups",
        tuple(table for table in tables if table is not None),
        {
            "by": shared_columns.label(group.by),
            "members": [
                shared_columns.language(model, locale, root).html for locale in group.locales
            ],
            "singleton": group.singleton,
        },
    )


def group_table(
    model: BoardModel, ranked: RankedSection, group: Group, root: str
) -> BoardTable | None:
    """The systems of a section, by their mean over a group."""
    main = model.board.metric
    scored = [
        (entry, scores) for entry in ranked.entries if (scores := _scores(entry, group)) is not None
    ]
    if not scored:
        return None
    scored.sort(key=lambda pair: -merit(estimate_of(pair[1], main), main))
    axis = svg.Axis.of(estimate_of(scores, main) for _, scores in scored)
    columns = [
        BoardColumn("place", "#", "number", ("place",), hint="Place by score on this group"),
        shared_columns.SYSTEM,
        cells.plot_column(axis, f"{cells.heading(main)}, 95 %"),
        *(cells.estimate_column(metric) for metric in model.metrics),
        BoardColumn("n", "n", "number", ("n",), hint="Languages in the mean", first="descending"),
        shared_columns.SIZE,
    ]
    rows = []
    for place, (entry, scores) in enumerate(scored, 1):
        line = [
            cells.number(place if estimate_of(scores, main) else None),
            shared_columns.system(model, entry, root),
            cells.plot(axis, estimate_of(scores, main)),
            *(cells.estimate(estimate_of(scores, metric)) for metric in model.metrics),
            cells.number(languages_in_mean(scores, main)),
            cells.parameters(entry.manifest.parameters.total),
        ]
        rows.append(BoardRow(line, shared_columns.facets(model, entry)))
    most = max(languages_in_mean(scores, main) for _, scores in scored)
    mean = "one language" if most == 1 else f"mean over {counted(most, 'language')}"
    many = len(rows) > shared_columns.FEW
    return BoardTable(
        ranked.section.id,
        f"{ranked.section.title}: {shared_columns.group_title(model, group)}, {mean}, in percent",
        columns,
        rows,
        order=("place", "ascending"),
        filters=filters_of(rows, shared_columns.FACETS) if many else [],
        css="systems",
        search=many,
        title=ranked.section.title,
    )


def _list_table(model: BoardModel, by: str, groups: list[Group]) -> BoardTable:
    metric = model.board.metric
    columns = [
        BoardColumn("group", shared_columns.label(by), "head", (by,)),
        BoardColumn("n", "n", "number", ("n",), hint="Languages", first="descending"),
        BoardColumn("languages", "Languages", "text", ("languages",)),
        *shared_columns.best_columns(model, f"mean {cells.in_sentence(metric)}"),
    ]
    rows = []
    for group in groups:
        head = cells.link(group.name, paths.group_page(group.by, group.name))
        names = ", ".join(safe_text(model.name(locale)) for locale in group.locales)
        line = [
            shared_columns.single_mark(head, len(group.locales)),
            cells.number(len(group.locales)),
            cells.text(names, "wrap"),
        ]
        for ranked in model.sections:
            scores = (estimate_of(_scores(entry, group), metric) for entry in ranked.entries)
            line.append(cells.estimate(best(scores, metric)))
        rows.append(BoardRow(line))
    return BoardTable(
        paths.group_name(by),
        f"{shared_columns.label(by)}: {counted(len(groups), 'group')}; the best mean"
        f" {cells.in_sentence(metric)} in each section, in percent",
        columns,
        rows,
        css="groups",
        title=shared_columns.label(by),
    )


def _scores(entry: Entry, group: Group) -> GroupScores | None:
    return entry.scores.groups.get(group.by, {}).get(group.name)
