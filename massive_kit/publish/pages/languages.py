"""The list of languages, and a page for each."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from massive_kit.languages.groupings import IDENTIFYING
from massive_kit.publish import cells, paths, shared_columns, svg
from massive_kit.publish.model import Entry, Model, Ranked, metric_of
from massive_kit.publish.page import Nav, Page
from massive_kit.publish.pages.index import metrics
from massive_kit.publish.ranking import placed
from massive_kit.publish.tables import Cell, Column, Row, Table, filters_of
from massive_kit.publish.text import counted, visible
from massive_kit.schema.scores import Estimate

NAV = Nav(3, "languages", "Languages", "languages.html")


def pages(model: Model) -> Iterator[Page]:
    """The list, then each language."""
    yield Page("languages.html", "list.html", "Languages", "languages", (languages_table(model),))
    for locale in model.locales:
        yield language_page(model, locale)


def languages_table(model: Model) -> Table:
    """All languages with their facts and the best score in each section."""
    groupings = model.board.groupings
    columns = [
        Column("language", "Language", "head", ("locale",)),
        *(Column(by, shared_columns.label(by), "text", (by,)) for by in groupings),
        Column("tokens", "Tokens / utt.", "number", ("tokens_per_utterance",),
               hint="Tokens an utterance, in the unit that is scored", first="descending"),
    ]  # fmt: skip
    columns += shared_columns.best_columns(model, cells.said(model.board.metric))
    columns.append(Column("flags", "Notes", "text", ("notes",)))
    body = []
    for locale in model.locales:
        known = model.language(locale)
        line = [
            shared_columns.language(model, locale, ""),
            *(shared_columns.group(model, by, known.get(by), "") for by in groupings),
            _tokens_cell(model, locale),
            *(cells.estimate(_best(model, ranked, locale)) for ranked in model.sections),
            shared_columns.flag_marks(model, locale),
        ]
        body.append(Row(line, shared_columns.language_facets(model, locale)))
    return Table(
        "languages",
        f"{counted(len(body), 'language')}; the best {cells.said(model.board.metric)}"
        " in each section, in percent with 95 % intervals",
        columns,
        body,
        filters=filters_of(body, {by: shared_columns.label(by) for by in groupings}),
        css="languages",
        search=True,
    )


def language_page(model: Model, locale: str) -> Page:
    """All systems on one language."""
    path = paths.language_page(locale)
    tables = tuple(
        table
        for ranked in model.sections
        if (table := language_table(model, ranked, locale, paths.root_of(path))) is not None
    )
    return Page(
        path,
        "language.html",
        visible(model.name(locale)),
        "languages",
        tables,
        {
            "locale": locale,
            "autonym": shared_columns.autonym(model, locale, "p"),
            "facts": _facts(model, locale, paths.root_of(path)),
            "flags": shared_columns.flags(model, locale),
            "section_ids": [table.name for table in tables],
        },
    )


def language_table(model: Model, ranked: Ranked, locale: str, root: str) -> Table | None:
    """The systems of a section on one language, best first."""
    main, *others = metrics(model)
    scored: list[tuple[Estimate, Entry]] = []
    for entry in ranked.entries:
        scores = entry.scores.locales.get(locale)
        value = metric_of(scores, main) if scores else None
        if value is not None:
            scored.append((value, entry))
    if not scored:
        return None
    scored.sort(key=lambda pair: -pair[0].value)
    axis = svg.Axis.over(end for one, _ in scored for end in (one.value, one.low, one.high))
    columns = [
        shared_columns.RANK,
        shared_columns.SYSTEM,
        cells.plot_column(axis, f"{cells.TITLES[main]}, 95 %"),
        *(cells.estimate_column(name) for name in (main, *others)),
        Column("utterances", "Utterances", "number", ("utterances",), first="descending"),
        shared_columns.SIZE,
    ]
    body = []
    standings = placed([entry for _, entry in scored], ranked.bands.get(f"locale:{locale}", {}))
    for standing, (value, entry) in zip(standings, scored, strict=True):
        scores = entry.scores.locales[locale]
        line: list[Cell] = [
            shared_columns.rank(standing),
            shared_columns.system(model, entry, root),
            cells.plot(axis, value),
            *(cells.estimate(metric_of(scores, name)) for name in (main, *others)),
            cells.number(scores.n),
            cells.parameters(entry.manifest.parameters.total),
        ]
        body.append(Row(line, shared_columns.facets(model, entry)))
    name = visible(model.name(locale))
    averaged = "" if any(locale in e.scores.averaged for _, e in scored) else " (training language)"
    return Table(
        ranked.section.id,
        f"{ranked.section.title}: {counted(len(body), 'system')} on {name}{averaged},"
        " in percent with 95 % intervals",
        columns,
        body,
        order=("rank", "ascending"),
        notes=shared_columns.notes(standings),
        filters=filters_of(body, shared_columns.FACETS) if len(body) > shared_columns.FEW else [],
        css="systems",
        search=len(body) > shared_columns.FEW,
        title=ranked.section.title,
    )


def tokens_per_utterance(model: Model, locale: str) -> float | None:
    """Tokens an utterance, as counted by the newest system that says so."""
    for ranked in model.sections:
        for entry in ranked.entries:
            scores = entry.scores.locales.get(locale)
            if scores and scores.tokens and scores.n:
                return scores.tokens / scores.n
    return None


def _tokens_cell(model: Model, locale: str) -> Cell:
    value = tokens_per_utterance(model, locale)
    return cells.number(
        None if value is None else round(value, 4), None if value is None else f"{value:.2f}"
    )


def _best(model: Model, ranked: Ranked, locale: str) -> Estimate | None:
    found = [
        value
        for entry in ranked.entries
        if (scores := entry.scores.locales.get(locale))
        and (value := metric_of(scores, model.board.metric))
    ]
    return max(found, key=lambda one: one.value, default=None)


def _facts(model: Model, locale: str, root: str) -> list[tuple[str, Markup]]:
    known = model.language(locale)
    found = [("Code", Markup("<code>{}</code>").format(visible(locale)))]
    for column in model.languages.columns:
        value = known.get(column)
        if value is None or column in IDENTIFYING or column == "script_name":
            continue
        found.append(
            (shared_columns.label(column), shared_columns.group(model, column, value, root).html)
        )
    tokens = tokens_per_utterance(model, locale)
    if tokens is not None:
        found.append(("Tokens an utterance", Markup("{:.2f}").format(tokens)))
    return found
