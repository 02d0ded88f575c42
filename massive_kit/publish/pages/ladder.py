"""The page of ladders: what more labels bring the same system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from markupsafe import Markup, escape

from massive_kit.counted import counted
from massive_kit.publish import cells, scatter, shared_columns, svg
from massive_kit.publish.board_model import BoardModel
from massive_kit.publish.ladders import Ladder, Rung, ladders
from massive_kit.publish.page import NavEntry, Page
from massive_kit.publish.tables import BoardCell, BoardColumn, BoardRow, BoardTable
from massive_kit.publish.text import safe_text

PATH = "ladder.html"
_MOST_DRAWN = 24


def _path(model: BoardModel) -> str | None:
    return PATH if ladders(model) else None


NAV = NavEntry(5, "ladder", "Ladder", _path)


def pages(model: BoardModel) -> Iterator[Page]:
    """One page, if any system was scored with different labels."""
    every = ladders(model)
    if not every:
        return
    drawn = every[:_MOST_DRAWN]
    axis = svg.Axis.of(rung.score for ladder in drawn for rung in ladder.rungs)
    figures = [(safe_text(ladder.title), _drawing(model, ladder, axis)) for ladder in drawn]
    yield Page(
        PATH,
        "ladder.html",
        "From zero-shot to full",
        NAV.key,
        (ladder_table(model, every),),
        {
            "figures": figures,
            "hidden": len(every) - len(drawn),
            "metric": cells.in_sentence(model.board.metric),
            "guessed": any(not ladder.declared for ladder in every),
        },
    )


def _drawing(model: BoardModel, ladder: Ladder, axis: svg.Axis) -> Markup:
    places = sorted({rung.place for rung in ladder.rungs})
    width = scatter.WIDTH - scatter.LEFT - scatter.RIGHT

    def x(rung: Rung) -> float:
        return round(scatter.LEFT + (places.index(rung.place) + 0.5) / len(places) * width, 1)

    y = scatter.height_of(axis)
    ticks = {x(rung): rung.labels for rung in ladder.rungs}
    metric = cells.heading(model.board.metric)
    parts = scatter.frame(axis, ticks.items(), "labelled utterances of each intent", metric)
    if ladder.single:
        line = "L".join(f"{x(rung):g} {y(rung.score.value):g}" for rung in ladder.rungs)
        parts.append(f'<path class="front" d="M{line}"/>')
    for rung in ladder.rungs:
        words = f"{safe_text(rung.entry.manifest.title)}, {rung.labels}:"
        words += f" {cells.percent(rung.score.value)}"
        parts.append(scatter.point(x(rung), axis, rung.score, words, marked=True))
    steps = "; ".join(f"{rung.labels}: {cells.percent(rung.score.value)}" for rung in ladder.rungs)
    caption = f"{safe_text(ladder.title)}: {metric} by labels. {steps}."
    return scatter.drawing(parts, caption)


def ladder_table(model: BoardModel, every: Sequence[Ladder]) -> BoardTable:
    """All rungs of all ladders."""
    metric = model.board.metric
    columns = [
        shared_columns.SYSTEM,
        BoardColumn("ladder", "Ladder", "text", ("ladder", "declared")),
        BoardColumn("setting", "Setting", "text", ("setting",)),
        BoardColumn(
            "labels",
            "k",
            "number",
            ("labels",),
            hint="Labelled utterances of each intent and language, at most",
        ),
        BoardColumn("languages", "Languages", "number", ("languages",), first="descending"),
        cells.estimate_column(metric, hint="Mean over the languages that all rungs share"),
        BoardColumn(
            "gain",
            "Over the rung before",
            "number",
            ("gain", "gain_low", "gain_high"),
            hint="In points, with its interval where both were resampled alike",
            first="descending",
        ),
    ]
    rows: list[BoardRow] = []
    for ladder in every:
        for rung in ladder.rungs:
            entry = rung.entry
            name = cells.text(ladder.declared or ladder.title)
            labels = BoardCell(escape(rung.labels), (rung.labels,), float(len(rows)))
            line = [
                shared_columns.system(model, entry, ""),
                replace(name, data=(ladder.title, bool(ladder.declared))),
                cells.text(entry.scores.setting),
                labels,
                cells.number(len(ladder.locales)),
                cells.estimate(rung.score),
                cells.difference(rung.gain, digits=2),
            ]
            rows.append(BoardRow(line, shared_columns.facets(model, entry)))
    return BoardTable(
        "ladder",
        f"{counted(len(every), 'ladder')}; {cells.in_sentence(metric)}, mean over the languages"
        " that all rungs of a ladder share, in percent",
        columns,
        rows,
        css="systems",
        search=len(rows) > shared_columns.FEW,
    )
