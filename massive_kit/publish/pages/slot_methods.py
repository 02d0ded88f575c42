"""Systems side by side by how the data were made, and a page with ranks for each part."""

from __future__ import annotations

from collections.abc import Iterator

from massive_kit.counted import counted
from massive_kit.publish import cells, paths, shared_columns, slot_method_parts, svg
from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.entries import Entry
from massive_kit.publish.mean_choice import mean_links
from massive_kit.publish.page import Page
from massive_kit.publish.slot_method_parts import SectionParts, estimate_of, scores_of
from massive_kit.publish.tables import BoardColumn, BoardRow, BoardTable, filters_of
from massive_kit.schema.scores import SlotMethod

TITLES: dict[SlotMethod, str] = {
    "translated": "Translated slots",
    "localised": "Localised slots",
    "unchanged": "Unchanged slots",
    "mixed": "Mixed slots",
    "no slots": "No slots",
}
_EXPLAINED: dict[SlotMethod, str] = {
    "translated": "Utterances all of whose slots were translated from the source language.",
    "localised": "Utterances all of whose slots were localised: a place, a name or the like of the"
    " language's own country stands where the source language has one of its own.",
    "unchanged": "Utterances all of whose slots stand as they do in the source language.",
    "mixed": "Utterances whose slots came to be in more than one way.",
    "no slots": "Utterances without a slot.",
}
_POOLED = " Pooled over the languages whose rows say how their slots came to be."
_UTTERANCES = BoardColumn("utterances", "Utterances", "number", ("utterances",), first="descending")
_LANGUAGES = BoardColumn(
    "languages",
    "Languages",
    "number",
    ("languages",),
    hint="Languages whose rows say how their slots came to be",
    first="descending",
)


def pages(model: BoardModel) -> Iterator[Page]:
    """The overview and a page for each part, if any system was scored on rows that say so."""
    sections = slot_method_parts.sections(model)
    if not sections:
        return
    title = slot_method_parts.TITLE.capitalize()
    links = [
        (TITLES[part], paths.slot_method_page(part)) for part in slot_method_parts.parts(model)
    ]
    context = {"means": mean_links(model), "parts": links}
    yield Page(
        slot_method_parts.OVERVIEW,
        "slot-methods.html",
        title,
        "averages",
        tuple(overview_table(model, section) for section in sections),
        {**context, "sections": [section.ranked.section for section in sections]},
    )
    for part in slot_method_parts.parts(model):
        path = paths.slot_method_page(part)
        shown = [section for section in sections if part in section.parts]
        yield Page(
            path,
            "means.html",
            f"{title}: {TITLES[part].lower()}",
            "averages",
            tuple(part_table(model, section, part, paths.root_of(path)) for section in shown),
            {
                **context,
                "explained": _EXPLAINED[part] + _POOLED,
                "source": "",
                "sections": [section.ranked.section for section in shown],
            },
        )


def overview_table(model: BoardModel, section: SectionParts) -> BoardTable:
    """The metric that ranks in each part, a column each."""
    main, root = model.board.metric, paths.root_of(slot_method_parts.OVERVIEW)
    columns = [shared_columns.RANK, shared_columns.SYSTEM]
    for part in section.parts:
        scores = scores_of(section.entries[0], part)
        columns.append(
            BoardColumn(
                part.replace(" ", "-"),
                TITLES[part],
                "number",
                tuple(f"{part.replace(' ', '_')}{end}" for end in ("", "_low", "_high")),
                hint=f"{cells.heading(main)}; {counted(scores.n if scores else 0, 'utterance')}",
                first=cells.estimate_column(main).first,
                href=paths.slot_method_page(part),
            )
        )
    columns.append(_LANGUAGES)
    rows = []
    for standing in section.ranked.standings:
        entry = standing.entry
        line = [
            shared_columns.rank(standing),
            shared_columns.system(model, entry, root),
            *(cells.estimate(estimate_of(entry, part, main)) for part in section.parts),
            cells.number(len(_locales(entry)) or None),
        ]
        rows.append(BoardRow(line, shared_columns.facets(model, entry)))
    return BoardTable(
        section.ranked.section.id,
        f"{section.ranked.section.title}: {cells.in_sentence(main)} by how the slots came from the"
        " source language, in percent with 95 % intervals",
        columns,
        rows,
        order=("rank", "ascending"),
        notes=[
            "Ranks are those of the index; each part has an order and ranks of its own.",
            *shared_columns.notes(section.ranked.standings),
            *_notes(section),
        ],
        css="systems wide",
        search=len(rows) > shared_columns.FEW,
    )


def part_table(model: BoardModel, section: SectionParts, part: SlotMethod, root: str) -> BoardTable:
    """The systems of a section by their scores in one part."""
    main = model.board.metric
    placed = slot_method_parts.standings(model, section, part)
    scores = [estimate_of(standing.entry, part, main) for standing in placed]
    axis = svg.Axis.of(scores)
    columns = [
        shared_columns.RANK,
        shared_columns.SYSTEM,
        cells.plot_column(axis, f"{cells.heading(main)}, 95 %"),
        *(cells.estimate_column(metric) for metric in model.metrics),
        _UTTERANCES,
        _LANGUAGES,
    ]
    rows = []
    for standing, score in zip(placed, scores, strict=True):
        entry = standing.entry
        known = scores_of(entry, part)
        line = [
            shared_columns.rank(standing),
            shared_columns.system(model, entry, root),
            cells.plot(axis, score),
            *(cells.estimate(estimate_of(entry, part, metric)) for metric in model.metrics),
            cells.number(known.n if known else None),
            cells.number(len(known.locales) if known else None),
        ]
        rows.append(BoardRow(line, shared_columns.facets(model, entry)))
    many = len(rows) > shared_columns.FEW
    return BoardTable(
        section.ranked.section.id,
        f"{section.ranked.section.title}: {counted(len(rows), 'system')},"
        f" {TITLES[part].lower()}, in percent with 95 % intervals",
        columns,
        rows,
        order=("rank", "ascending"),
        notes=[*shared_columns.notes(placed), *_notes(section)],
        filters=filters_of(rows, shared_columns.FACETS) if many else [],
        css="systems",
        search=many,
    )


def _locales(entry: Entry) -> set[str]:
    every = entry.scores.slot_methods.values()
    return {locale for scores in every for locale in scores.locales}


def _notes(section: SectionParts) -> list[str]:
    notes = ["Parts differ in what is asked for, too: compare systems within one of them."]
    if section.silent:
        notes.append(
            f"Without such scores: {counted(section.silent, 'system')}, scored on rows that do not"
            " say how their slots came to be, or before scores told these parts apart."
        )
    if section.elsewhere:
        many = counted(len(section.elsewhere), "system")
        notes.append(f"Scored on other rows, and thus without a place: {many}.")
    return notes
