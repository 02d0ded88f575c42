"""The columns beside the scores that a section of `board.yaml` may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from massive_kit.publish import asked_facts, cells, shared_columns
from massive_kit.publish.entries import Entry
from massive_kit.publish.tables import BoardCell, BoardColumn
from massive_kit.schema.board import FactName


@dataclass(frozen=True, slots=True)
class FactColumn:
    """A column, and what stands in it.

    Attributes:
        column: The column.
        cell: Its cell for a system.
    """

    column: BoardColumn
    cell: Callable[[Entry], BoardCell]


def _parameters(entry: Entry) -> BoardCell:
    return cells.parameters(entry.manifest.parameters.total)


def _date(entry: Entry) -> BoardCell:
    return cells.date(entry.manifest.date)


def _resources(entry: Entry) -> BoardCell:
    return cells.text(", ".join(entry.manifest.resources))


def _model(entry: Entry) -> BoardCell:
    asked = entry.manifest.in_context
    return cells.short_text(asked.model if asked else entry.manifest.pretrained_model, "name")


def _demonstrations(entry: Entry) -> BoardCell:
    asked = entry.manifest.in_context
    count = cells.number(asked.demonstrations if asked else None)
    languages = asked.languages if asked and asked.demonstrations else None
    html = count.html
    if languages in {"own", "mix"}:
        html += Markup(' <span class="mark" title="{}">{}</span>').format(
            asked_facts.LANGUAGES[languages], languages
        )
    return BoardCell(html, (*count.data, languages), count.sort)


def _tokens(entry: Entry) -> BoardCell:
    asked = entry.manifest.in_context
    counts = (asked.requests, asked.prompt_tokens, asked.answer_tokens) if asked else (None,) * 3
    _, *tokens = counts
    known = [count for count in tokens if count is not None]
    shown = cells.number(sum(known), cells.short_count(sum(known))) if known else cells.number(None)
    return BoardCell(shown.html, counts, shown.sort)


def _cost(entry: Entry) -> BoardCell:
    asked = entry.manifest.in_context
    if asked is None or asked.cost is None:
        return BoardCell(cells.MISSING, (None, None))
    return cells.money(asked.cost, asked.currency)


def _seconds(entry: Entry) -> BoardCell:
    asked = entry.manifest.in_context
    if asked is None or asked.seconds is None or not entry.utterances:
        return cells.number(None)
    seconds = asked.seconds / entry.utterances
    return cells.number(round(seconds, 6), cells.short_number(seconds))


FACT_COLUMNS: Mapping[FactName, FactColumn] = {
    "parameters": FactColumn(shared_columns.SIZE, _parameters),
    "date": FactColumn(shared_columns.DATE, _date),
    "resources": FactColumn(
        BoardColumn(
            "resources",
            "Resources",
            "text",
            ("resources",),
            hint="What was used beside the labels that the setting is about",
        ),
        _resources,
    ),
    "model": FactColumn(
        BoardColumn("model", "Model", "text", ("model",), hint="The language model"), _model
    ),
    "demonstrations": FactColumn(
        BoardColumn(
            "demonstrations",
            "k",
            "number",
            ("demonstrations", "demonstration_languages"),
            hint="Labelled examples in a prompt",
        ),
        _demonstrations,
    ),
    "tokens": FactColumn(
        BoardColumn(
            "tokens",
            "Tokens",
            "number",
            ("requests", "prompt_tokens", "answer_tokens"),
            hint="Tokens of all prompts and answers",
        ),
        _tokens,
    ),
    "cost": FactColumn(
        BoardColumn(
            "cost", "Cost", "number", ("cost", "currency"), hint="Price of all answers, as declared"
        ),
        _cost,
    ),
    "seconds": FactColumn(
        BoardColumn(
            "seconds",
            "s each",
            "number",
            ("seconds_per_utterance",),
            hint="Seconds per utterance, one after the other",
        ),
        _seconds,
    ),
}
