"""A page for each mean over languages that a reader may choose, with its own order and ranks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from massive_kit.breakdown.chosen_means import WORST
from massive_kit.counted import counted
from massive_kit.languages.world.table import SPEAKERS_SOURCE
from massive_kit.publish import cells, paths, shared_columns, svg
from massive_kit.publish.board_model import BoardModel, RankedSection
from massive_kit.publish.entries import Entry, averaged_over, estimate_of
from massive_kit.publish.mean_choice import mean_links
from massive_kit.publish.page import Page
from massive_kit.publish.ranking import rank
from massive_kit.publish.tables import BoardCell, BoardColumn, BoardRow, BoardTable, filters_of
from massive_kit.schema.metrics import AVERAGES, MEANS, Mean
from massive_kit.schema.scores import Estimate

EXPLAINED: dict[Mean, str] = {
    "pooled": "All utterances of all languages together, as in the paper.",
    "macro_locales": "Each language has one vote.",
    "macro_genera": "The mean of the genera's means: each genus has one vote.",
    "macro_families": "The mean of the families' means, so that Indo-European languages count no"
    " more than one Dravidian language.",
    "macro_scripts": "The mean of the scripts' means, so that languages in Latin letters count no"
    " more than one in Khmer script.",
    "weighted_speakers": "Each language counts by how many people use it, as a second language,"
    " too: what a user of these languages, drawn at random, may expect. Locales of one language"
    " share its users. Languages whose users nobody counted are left out.",
    "worst_ten": f"The mean over each system's own {WORST} languages with the lowest scores, chosen"
    " for each metric: who is left behind. It is defined where there are more languages than these."
    " The languages are chosen by the scores themselves, and the intervals take the choice as"
    " given.",
}


def pages(model: BoardModel) -> Iterator[Page]:
    """A page for each mean."""
    for mean in MEANS:
        path = paths.mean_page(mean)
        root = paths.root_of(path)
        shown = [
            (ranked, table)
            for ranked in model.sections
            if (table := mean_table(model, ranked, mean, root)) is not None
        ]
        title = cells.average_title(mean)
        yield Page(
            path,
            "means.html",
            title[:1].upper() + title[1:],
            "averages",
            tuple(table for _, table in shown),
            {
                "means": mean_links(model),
                "parts": [],
                "explained": EXPLAINED[mean],
                "source": _source(model) if mean == "weighted_speakers" else "",
                "sections": [ranked.section for ranked, _ in shown],
            },
        )


def _languages(ranked: RankedSection, entry: Entry, mean: Mean, metric: str) -> int:
    scores = ranked.mean(entry, mean)
    if mean in AVERAGES or scores is None:
        return averaged_over(entry, metric)
    return scores.over.get(metric, len(entry.scores.averaged))


def _worst_column(metric: str) -> BoardColumn:
    hint = f"Those with the lowest {cells.in_sentence(metric)}"
    return BoardColumn("worst", "Languages, worst first", "text", ("worst",), hint=hint)


def _worst(model: BoardModel, locales: Sequence[str]) -> BoardCell:
    """Languages by name; their codes are in the data."""
    named = cells.text(", ".join(model.name(locale) for locale in locales), "wrap")
    return replace(named, data=(", ".join(locales) or None,))


def _source(model: BoardModel) -> str:
    if "speakers" in model.languages.columns:
        return "Users: the board's own table of languages, column speakers."
    return f"Users: {SPEAKERS_SOURCE}, summed over territories."


def mean_table(
    model: BoardModel, ranked: RankedSection, mean: Mean, root: str
) -> BoardTable | None:
    """The systems of a section by one mean; `None` where no system has it."""
    main = model.board.metric

    def score_of(entry: Entry, metric: str) -> Estimate | None:
        return estimate_of(ranked.mean(entry, mean), metric)

    standings = rank(ranked.entries, model.board, ranked.bands, mean, score_of)
    if not any(standing.scored for standing in standings):
        return None
    scores = [score_of(standing.entry, main) for standing in standings]
    axis = svg.Axis.of(scores)
    worst = mean == "worst_ten"
    columns = [
        shared_columns.RANK,
        shared_columns.SYSTEM,
        cells.plot_column(axis, f"{cells.heading(main)}, 95 %"),
        *(cells.estimate_column(metric) for metric in model.metrics),
        BoardColumn("n", "n", "number", ("n",), hint="Languages in the mean", first="descending"),
        *[_worst_column(main)] * worst,
    ]
    rows = []
    for standing, score in zip(standings, scores, strict=True):
        entry = standing.entry
        line = [
            shared_columns.rank(standing),
            shared_columns.system(model, entry, root),
            cells.plot(axis, score),
            *(cells.estimate(score_of(entry, metric)) for metric in model.metrics),
            cells.number(_languages(ranked, entry, mean, main) if score else None),
            *([_worst(model, ranked.means_of(entry).worst)] if worst else []),
        ]
        rows.append(BoardRow(line, shared_columns.facets(model, entry)))
    many = len(rows) > shared_columns.FEW
    return BoardTable(
        ranked.section.id,
        f"{ranked.section.title}: {counted(len(rows), 'system')}, {cells.average_title(mean)},"
        " in percent with 95 % intervals",
        columns,
        rows,
        order=("rank", "ascending"),
        notes=shared_columns.notes(standings),
        filters=filters_of(rows, shared_columns.FACETS) if many else [],
        css="systems",
        search=many,
    )
