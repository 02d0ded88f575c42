"""The tables on the page of a system: averages, languages, groups, labels."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from massive_kit.breakdown.mean_over_locales import mean_over
from massive_kit.counted import counted
from massive_kit.publish import cells, declared, paths, shared_columns, svg
from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.entries import Entry, estimate_of, languages_in_mean, merit
from massive_kit.publish.maps_shown import system_maps
from massive_kit.publish.replicates import replicates_of
from massive_kit.publish.strips import StripGroup, shared_ticks, strips
from massive_kit.publish.tables import BoardCell, BoardColumn, BoardRow, BoardTable, filters_of
from massive_kit.publish.text import safe_text
from massive_kit.schema.metrics import AVERAGES
from massive_kit.schema.scores import (
    SLOT_METHODS,
    Difference,
    GroupScores,
    LabelReport,
    TransferGap,
)


def averages_table(model: BoardModel, entry: Entry) -> BoardTable:
    """The three averages."""
    columns = [
        BoardColumn("average", "Average", "head", ("average",)),
        *(cells.estimate_column(metric) for metric in model.metrics),
    ]
    rows = []
    for average in AVERAGES:
        scores = entry.average(average)
        if scores is None:
            continue
        head = cells.text(cells.average_title(average).capitalize())
        line = [
            replace(head, data=(average,)),
            *(cells.estimate(estimate_of(scores, metric)) for metric in model.metrics),
        ]
        rows.append(BoardRow(line))
    return BoardTable(
        "averages",
        f"Averages over {counted(len(entry.scores.averaged), 'language')}, in percent",
        columns,
        rows,
        notes=shared_columns.mean_notes(model, [entry]),
        title="Averages",
    )


def locales_table(model: BoardModel, entry: Entry, root: str) -> BoardTable:
    """All languages, with the interval of each drawn."""
    main, groupings = model.board.metric, model.board.groupings
    scores, gaps = entry.scores.locales, entry.scores.transfer
    main_scores = {locale: estimate_of(scores[locale], main) for locale in scores}
    axis = svg.Axis.of(main_scores.values())
    told = declared.anyone_tells([entry])
    columns = [
        BoardColumn("language", "Language", "head", ("locale",)),
        cells.plot_column(axis, f"{cells.heading(main)}, 95 %"),
        *(cells.estimate_column(metric) for metric in model.metrics),
        *([_transfer_column(entry, main)] if gaps else []),
        *[declared.SEEN] * told,
        *(BoardColumn(by, shared_columns.label(by), "text", (by,)) for by in groupings),
        BoardColumn("utterances", "Utterances", "number", ("utterances",), first="descending"),
    ]
    rows = []
    for locale in sorted(scores, key=lambda name: (-merit(main_scores[name], main), name)):
        known = model.language(locale)
        line = [
            _locale_head(model, entry, locale, root),
            cells.plot(axis, main_scores[locale]),
            *(cells.estimate(estimate_of(scores[locale], metric)) for metric in model.metrics),
            *([cells.difference(_gap(gaps.get(locale), main))] if gaps else []),
            *([declared.seen(model, entry, locale)] if told else []),
            *(shared_columns.group(model, by, known.get(by), root) for by in groupings),
            cells.number(scores[locale].n),
        ]
        facets = shared_columns.language_facets(model, locale)
        if told:
            facets = {**facets, "seen": declared.seen_facet(model, entry, locale)}
        rows.append(BoardRow(line, facets))
    return BoardTable(
        "languages",
        f"{counted(len(rows), 'language')}, in percent with 95 % intervals",
        columns,
        rows,
        order=(main, "descending"),
        filters=filters_of(
            rows, {by: shared_columns.label(by) for by in groupings} | declared.SEEN_FACET
        ),
        search=True,
        title="Languages",
        figure=system_maps(model, entry, root),
    )


def _locale_head(model: BoardModel, entry: Entry, locale: str, root: str) -> BoardCell:
    head = shared_columns.language(model, locale, root)
    if locale in entry.scores.averaged:
        return head
    mark = Markup(' <span class="mark">not in averages</span>')
    return replace(head, html=head.html + mark)


def _transfer_column(entry: Entry, metric: str) -> BoardColumn:
    source = entry.scores.source_locale or "the source"
    return BoardColumn(
        "transfer",
        "Transfer gap",
        "number",
        ("transfer_gap", "transfer_gap_low", "transfer_gap_high"),
        hint=f"{cells.heading(metric)} minus that on {safe_text(source)}, in points",
        first="descending",
    )


def _gap(gap: TransferGap | None, metric: str) -> Difference | None:
    difference = getattr(gap, metric, None)
    return difference if isinstance(difference, Difference) else None


def groups_table(model: BoardModel, entry: Entry, by: str, root: str) -> BoardTable | None:
    """The means over the groups of one grouping."""
    groups = entry.scores.groups.get(by)
    if not groups:
        return None
    main = model.board.metric
    main_scores = {name: estimate_of(scores, main) for name, scores in groups.items()}
    axis = svg.Axis.of(main_scores.values())
    columns = [
        BoardColumn("group", shared_columns.label(by), "head", (by,)),
        cells.plot_column(axis, cells.heading(main)),
        BoardColumn("n", "n", "number", ("n",), hint="Languages in the mean", first="descending"),
        *(cells.estimate_column(metric) for metric in model.metrics),
    ]
    rows = []
    for name, _ in sorted(groups.items(), key=lambda item: _best_first(item, main)):
        languages = languages_in_mean(groups[name], main)
        line = [
            shared_columns.single_mark(shared_columns.group(model, by, name, root), languages),
            cells.plot(axis, main_scores[name]),
            cells.number(languages),
            *(cells.estimate(estimate_of(groups[name], metric)) for metric in model.metrics),
        ]
        rows.append(BoardRow(line))
    return BoardTable(
        paths.group_name(by),
        f"By {shared_columns.label(by).lower()}: means over the languages of each, in percent",
        columns,
        rows,
        order=(main, "descending"),
        title=shared_columns.label(by),
        figure=_strips(model, entry, by),
    )


def _strips(model: BoardModel, entry: Entry, by: str) -> Markup:
    """The languages of each group on one scale; without those that no mean runs over."""
    main, groups = model.board.metric, entry.scores.groups
    locales = {
        locale: score.value
        for locale in entry.scores.averaged
        if (score := estimate_of(entry.scores.locales.get(locale), main)) is not None
    }
    axis = svg.Axis.over(locales.values())
    shown = [
        StripGroup(
            name,
            [locales[locale] for locale in group.locales if locale in locales],
            mean.value if (mean := estimate_of(group, main)) else None,
        )
        for name, group in sorted(groups[by].items(), key=lambda item: _best_first(item, main))
    ]
    label = shared_columns.label(by).lower()
    caption = f"{cells.heading(main)} of the languages of each {label}, with its mean as a line."
    drawn = strips(axis, shown, f"{caption} The table below has the means.")
    first = next((name for name in model.board.groupings if groups.get(name)), by)
    return shared_ticks(axis, locales) + drawn if by == first else drawn


def slot_methods_table(model: BoardModel, entry: Entry) -> BoardTable | None:
    """How well utterances went by how their slots came from the source language, where rows say."""
    parts = entry.scores.slot_methods
    if not parts:
        return None
    columns = [
        BoardColumn("part", "Slots", "head", ("part",)),
        *(cells.estimate_column(metric) for metric in model.metrics),
        BoardColumn("utterances", "Utterances", "number", ("utterances",), first="descending"),
    ]
    rows = [
        BoardRow(
            [
                cells.text(name),
                *(cells.estimate(getattr(scores, metric)) for metric in model.metrics),
                cells.number(scores.n),
            ]
        )
        for name in SLOT_METHODS
        if (scores := parts.get(name)) is not None
    ]
    told = sorted({locale for scores in parts.values() for locale in scores.locales})
    return BoardTable(
        "slot-methods",
        "By how the slots came from the source language, pooled over"
        f" {counted(len(told), 'language')} whose rows say, in percent with 95 % intervals",
        columns,
        rows,
        notes=[
            "Localised: places, names and the like of the language's own country.",
            "Parts differ in what is asked for, too: compare systems within one of them.",
        ],
        title="Translated and localised",
    )


def seen_table(model: BoardModel, entry: Entry) -> BoardTable | None:
    """The mean over languages that the pre-trained model had seen, and over the others."""
    if not declared.anyone_tells([entry]):
        return None
    parts: dict[str, list[str]] = {}
    for locale in entry.scores.averaged:
        parts.setdefault(declared.seen_facet(model, entry, locale), []).append(locale)
    replicates = replicates_of(entry)
    columns = [
        BoardColumn("part", "Languages", "head", ("part",)),
        BoardColumn("n", "n", "number", ("n",), hint="Languages in the mean", first="descending"),
        *(cells.estimate_column(metric) for metric in model.metrics),
    ]
    rows = [
        BoardRow(
            [
                cells.text(name),
                cells.number(len(locales)),
                *(
                    cells.estimate(mean_over(locales, entry.scores.locales, metric, replicates))
                    for metric in model.metrics
                ),
            ]
        )
        for name, locales in sorted(parts.items(), reverse=True)
    ]
    return BoardTable(
        "seen",
        "Means over the languages that the pre-trained model had seen, as declared, and over the"
        " others, in percent",
        columns,
        rows,
        title="Seen in pre-training",
    )


def _best_first(group: tuple[str, GroupScores], metric: str) -> tuple[float, str]:
    return -merit(estimate_of(group[1], metric), metric), group[0]


def labels_table(name: str, title: str, reports: dict[str, LabelReport]) -> BoardTable:
    """Precision, recall and F1 of each intent or slot."""
    columns = [
        BoardColumn("label", title, "head", (name.removesuffix("s"),)),
        *(
            BoardColumn(key, key.capitalize(), "number", (key,), first="descending")
            for key in ("f1", "precision", "recall", "support", "predicted")
        ),
    ]
    by_support = sorted(reports.items(), key=lambda item: (-item[1].support, item[0]))
    rows = []
    for label, report in by_support:
        shares = (report.f1, report.precision, report.recall)
        line = [
            cells.text(label),
            *(cells.number(round(share, 6), f"{share * 100:.1f}") for share in shares),
            cells.number(report.support),
            cells.number(report.predicted),
        ]
        rows.append(BoardRow(line))
    return BoardTable(
        name,
        f"{counted(len(rows), title.lower())}, pooled over the averaged languages, in percent",
        columns,
        rows,
        order=("support", "descending"),
        css="labels",
        title=f"{title}s",
    )
