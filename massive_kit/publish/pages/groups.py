"""The list of groups (genus, family, script, ...), and a page for each."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from massive_kit.languages import Group
from massive_kit.publish import cells, paths, shared_columns, svg
from massive_kit.publish.model import Model, Ranked, metric_of
from massive_kit.publish.page import Nav, Page
from massive_kit.publish.pages.index import metrics
from massive_kit.publish.tables import Column, Row, Table, filters_of
from massive_kit.publish.text import counted, visible
from massive_kit.schema.scores import Estimate, GroupScores

NAV = Nav(4, "groups", "Groups", "groups.html")


def pages(model: Model) -> Iterator[Page]:
    """The list, then each group."""
    tables = []
    for by in model.board.groupings:
        own = [one for one in model.groups if one.by == by]
        if own:
            tables.append(_list_table(model, by, own))
    yield Page("groups.html", "list.html", "Groups of languages", "groups", tuple(tables))
    for one in model.groups:
        yield group_page(model, one)


def group_page(model: Model, one: Group) -> Page:
    """All systems on one group."""
    path = paths.group_page(one.by, one.name)
    root = paths.root_of(path)
    found = (group_table(model, ranked, one, root) for ranked in model.sections)
    tables = tuple(table for table in found if table is not None)
    return Page(
        path,
        "group.html",
        shared_columns.group_title(model, one),
        "groups",
        tables,
        {
            "by": shared_columns.label(one.by),
            "members": [
                shared_columns.language(model, locale, root).html for locale in one.locales
            ],
            "singleton": one.singleton,
        },
    )


def group_table(model: Model, ranked: Ranked, one: Group, root: str) -> Table | None:
    """The systems of a section, by their mean over a group."""
    main, *others = metrics(model)
    scored = []
    for entry in ranked.entries:
        scores = entry.scores.groups.get(one.by, {}).get(one.name)
        value = metric_of(scores, main) if scores else None
        if scores is not None and value is not None:
            scored.append((value, scores, entry))
    if not scored:
        return None
    scored.sort(key=lambda item: -item[0].value)
    axis = svg.Axis.over(end for v, *_ in scored for end in (v.value, v.low, v.high))
    columns = [
        Column("place", "#", "number", ("place",), hint="Place by score on this group"),
        shared_columns.SYSTEM,
        cells.plot_column(axis, f"{cells.TITLES[main]}, 95 %"),
        *(cells.estimate_column(name) for name in (main, *others)),
        Column("n", "n", "number", ("n",), hint="Languages in the mean", first="descending"),
        shared_columns.SIZE,
    ]
    body = []
    for place, (value, scores, entry) in enumerate(scored, 1):
        line = [
            cells.number(place),
            shared_columns.system(model, entry, root),
            cells.plot(axis, value),
            *(cells.estimate(metric_of(scores, name)) for name in (main, *others)),
            cells.number(len(scores.locales)),
            cells.parameters(entry.manifest.parameters.total),
        ]
        body.append(Row(line, shared_columns.facets(model, entry)))
    most = max(len(scores.locales) for _, scores, _ in scored)
    averaged = "one language" if most == 1 else f"mean over {counted(most, 'language')}"
    return Table(
        ranked.section.id,
        f"{ranked.section.title}: {shared_columns.group_title(model, one)}, {averaged}, in percent",
        columns,
        body,
        order=("place", "ascending"),
        filters=filters_of(body, shared_columns.FACETS) if len(body) > shared_columns.FEW else [],
        css="systems",
        search=len(body) > shared_columns.FEW,
        title=ranked.section.title,
    )


def _list_table(model: Model, by: str, own: list[Group]) -> Table:
    columns = [
        Column("group", shared_columns.label(by), "head", (by,)),
        Column("n", "n", "number", ("n",), hint="Languages", first="descending"),
        Column("languages", "Languages", "text", ("languages",)),
    ]
    columns += shared_columns.best_columns(model, f"mean {cells.said(model.board.metric)}")
    body = []
    for one in own:
        count = len(one.locales)
        single = Markup(' <span class="mark">one language</span>') if count == 1 else Markup("")
        head = cells.link(one.name, paths.group_page(one.by, one.name))
        names = ", ".join(visible(model.name(locale)) for locale in one.locales)
        line = [
            type(head)(head.html + single, head.data, head.sort),
            cells.number(count),
            cells.text(names, "wrap"),
            *(cells.estimate(_best(model, ranked, one)) for ranked in model.sections),
        ]
        body.append(Row(line))
    return Table(
        paths.group_name(by),
        f"{shared_columns.label(by)}: {counted(len(own), 'group')}; the best mean"
        f" {cells.said(model.board.metric)} in each section, in percent",
        columns,
        body,
        css="groups",
        title=shared_columns.label(by),
    )


def _best(model: Model, ranked: Ranked, one: Group) -> Estimate | None:
    found = []
    for entry in ranked.entries:
        scores: GroupScores | None = entry.scores.groups.get(one.by, {}).get(one.name)
        value = metric_of(scores, model.board.metric) if scores else None
        if value is not None:
            found.append(value)
    return max(found, key=lambda value: value.value, default=None)
