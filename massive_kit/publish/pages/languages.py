"""The list of languages, and a page for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from markupsafe import Markup

from massive_kit.counted import counted
from massive_kit.languages.groupings import IDENTIFYING
from massive_kit.publish import cells, declared, paths, shared_columns, svg
from massive_kit.publish.board_model import BoardModel, RankedSection
from massive_kit.publish.entries import best, estimate_of, merit
from massive_kit.publish.forecast_tables import language_forecasts_table
from massive_kit.publish.language_places import LAND, land_file
from massive_kit.publish.maps_shown import best_map
from massive_kit.publish.page import NavEntry, Page
from massive_kit.publish.ranking import placed
from massive_kit.publish.tables import BoardCell, BoardColumn, BoardRow, BoardTable, filters_of
from massive_kit.publish.text import safe_text

NAV = NavEntry(3, "languages", "Languages", "languages.html")


def pages(model: BoardModel) -> Iterator[Page]:
    """The list."""
    yield Page(
        "languages.html",
        "list.html",
        "Languages",
        "languages",
        (languages_table(model),),
        files={LAND: land_file()},
    )


def makers(model: BoardModel) -> Iterator[Callable[[], Page]]:
    """Each language."""
    for locale in model.locales:
        yield partial(language_page, model, locale)


def languages_table(model: BoardModel) -> BoardTable:
    """All languages with their facts and the best score in each section."""
    groupings, metric = model.board.groupings, model.board.metric
    columns = [
        BoardColumn("language", "Language", "head", ("locale",)),
        *(BoardColumn(by, shared_columns.label(by), "text", (by,)) for by in groupings),
        BoardColumn(
            "tokens",
            "Tokens / utt.",
            "number",
            ("tokens_per_utterance",),
            hint="Tokens per utterance, in the unit that is scored",
            first="descending",
        ),
        *shared_columns.best_columns(model, cells.in_sentence(metric)),
        BoardColumn("flags", "Notes", "text", ("notes",)),
    ]
    rows = []
    for locale in model.locales:
        known = model.language(locale)
        line = [
            shared_columns.language(model, locale, ""),
            *(shared_columns.group(model, by, known.get(by), "") for by in groupings),
            _tokens_cell(model, locale),
        ]
        for ranked in model.sections:
            scores = (estimate_of(e.scores.locales.get(locale), metric) for e in ranked.entries)
            line.append(cells.estimate(best(scores, metric)))
        line.append(shared_columns.flag_marks(model, locale))
        rows.append(BoardRow(line, shared_columns.language_facets(model, locale)))
    return BoardTable(
        "languages",
        f"{counted(len(rows), 'language')}; the best {cells.in_sentence(metric)}"
        " in each section, in percent with 95 % intervals",
        columns,
        rows,
        filters=filters_of(rows, {by: shared_columns.label(by) for by in groupings}),
        css="languages",
        search=True,
        figure=best_map(model),
    )


def language_page(model: BoardModel, locale: str) -> Page:
    """All systems on one language."""
    path = paths.language_page(locale)
    tables = tuple(
        table
        for ranked in model.sections
        for make in (language_table, language_forecasts_table)
        if (table := make(model, ranked, locale, paths.root_of(path))) is not None
    )
    return Page(
        path,
        "language.html",
        safe_text(model.name(locale)),
        "languages",
        tables,
        {
            "autonym": shared_columns.autonym(model, locale, "p"),
            "facts": _facts(model, locale, paths.root_of(path)),
            "flags": shared_columns.flags(model, locale),
        },
    )


def language_table(
    model: BoardModel, ranked: RankedSection, locale: str, root: str
) -> BoardTable | None:
    """The systems of a section on one language, best first."""
    main = model.board.metric
    scored = [
        (entry, scores)
        for entry in ranked.entries
        if (scores := entry.scores.locales.get(locale)) is not None
    ]
    if not scored:
        return None
    scored.sort(key=lambda pair: -merit(estimate_of(pair[1], main), main))
    axis = svg.Axis.of(estimate_of(scores, main) for _, scores in scored)
    told = declared.anyone_tells([entry for entry, _ in scored])
    columns = [
        shared_columns.RANK,
        shared_columns.SYSTEM,
        cells.plot_column(axis, f"{cells.heading(main)}, 95 %"),
        *(cells.estimate_column(metric) for metric in model.metrics),
        *[declared.SEEN] * told,
        BoardColumn("utterances", "Utterances", "number", ("utterances",), first="descending"),
        shared_columns.SIZE,
    ]
    rows = []
    standings = placed(
        [entry for entry, _ in scored],
        ranked.bands.get(f"locale:{locale}", {}),
        sum(estimate_of(scores, main) is not None for _, scores in scored),
    )
    for standing, (entry, scores) in zip(standings, scored, strict=True):
        line: list[BoardCell] = [
            shared_columns.rank(standing),
            shared_columns.system(model, entry, root),
            cells.plot(axis, estimate_of(scores, main)),
            *(cells.estimate(estimate_of(scores, metric)) for metric in model.metrics),
            *([declared.seen(model, entry, locale)] if told else []),
            cells.number(scores.n),
            cells.parameters(entry.manifest.parameters.total),
        ]
        facets = shared_columns.facets(model, entry)
        if told:
            facets = {**facets, "seen": declared.seen_facet(model, entry, locale)}
        rows.append(BoardRow(line, facets))
    name = safe_text(model.name(locale))
    averaged = any(locale in entry.scores.averaged for entry, _ in scored)
    training = "" if averaged else " (training language)"
    many = len(rows) > shared_columns.FEW
    return BoardTable(
        ranked.section.id,
        f"{ranked.section.title}: {counted(len(rows), 'system')} on {name}{training},"
        " in percent with 95 % intervals",
        columns,
        rows,
        order=("rank", "ascending"),
        notes=shared_columns.notes(standings),
        filters=filters_of(rows, shared_columns.FACETS | declared.SEEN_FACET) if many else [],
        css="systems",
        search=many,
        title=ranked.section.title,
    )


def tokens_per_utterance(model: BoardModel, locale: str) -> float | None:
    """Tokens per utterance, as counted by the newest system that says so."""
    for ranked in model.sections:
        for entry in ranked.entries:
            scores = entry.scores.locales.get(locale)
            if scores and scores.tokens and scores.n:
                return scores.tokens / scores.n
    return None


def _tokens_cell(model: BoardModel, locale: str) -> BoardCell:
    tokens = tokens_per_utterance(model, locale)
    if tokens is None:
        return cells.number(None)
    return cells.number(round(tokens, 4), f"{tokens:.2f}")


def _facts(model: BoardModel, locale: str, root: str) -> list[tuple[str, Markup]]:
    known = model.language(locale)
    facts = [("Code", Markup("<code>{}</code>").format(safe_text(locale)))]
    for column in model.languages.columns:
        value = known.get(column)
        if value is None or column in IDENTIFYING or column == "script_name":
            continue
        facts.append(
            (shared_columns.label(column), shared_columns.group(model, column, value, root).html)
        )
    tokens = tokens_per_utterance(model, locale)
    if tokens is not None:
        facts.append(("Tokens per utterance", Markup("{:.2f}").format(tokens)))
    return facts
