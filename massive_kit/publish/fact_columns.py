"""The columns beside the scores that a section of `board.yaml` may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

from massive_kit.publish import asked_facts, cells, shared_columns
from massive_kit.publish.entries import Entry
from massive_kit.publish.tables import BoardCell, BoardColumn, Datum
from massive_kit.schema.board import Column, FactName, Form


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


def _body(entry: Entry) -> BoardCell:
    return cells.parameters(entry.manifest.parameters.without_embeddings)


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


def fact_column(column: FactName | Column) -> FactColumn:
    """A column that a section names, or makes of what manifests say."""
    if not isinstance(column, Column):
        return FACT_COLUMNS[column]
    shown = FORMS[column.form]
    kind: Literal["text", "number"] = "text" if column.form == "text" else "number"
    return FactColumn(
        BoardColumn(column.name, column.title, kind, (column.name,), hint=column.hint or ""),
        lambda entry: shown(value_at(entry, column.path)),
    )


def value_at(entry: Entry, path: Sequence[str]) -> Datum:
    """What a manifest has at the end of a path of keys."""
    value: Any = entry.manifest
    for key in path:
        if value is None:
            return None
        value = value.get(key) if isinstance(value, Mapping) else getattr(value, key)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or None
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _text_form(value: Datum) -> BoardCell:
    return cells.text(None if value is None else str(value))


def _number_form(shown: Callable[[float], str]) -> Callable[[Datum], BoardCell]:
    def cell(value: Datum) -> BoardCell:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return cells.number(value, shown(value))
        # Facts are what submitters write; words have no place among numbers.
        return cells.text(None if value is None else str(value))

    return cell


# How each form shows a value.
FORMS: Mapping[Form, Callable[[Datum], BoardCell]] = {
    "number": _number_form(cells.short_number),
    "count": _number_form(lambda value: cells.short_count(round(value))),
    "bytes": _number_form(cells.memory),
    "mebibytes": _number_form(lambda value: cells.memory(value * 2**20)),
    "milliseconds": _number_form(lambda value: f"{cells.short_number(value)}\u00a0ms"),
    "text": _text_form,
}


def _measured(key: str, title: str, form: Form, hint: str) -> FactColumn:
    return fact_column(Column(name=key, title=title, of=f"measured.{key}", form=form, hint=hint))


FACT_COLUMNS: Mapping[FactName, FactColumn] = {
    "parameters": FactColumn(shared_columns.SIZE, _parameters),
    "body": FactColumn(
        BoardColumn(
            "body",
            "Body",
            "number",
            ("parameters_without_embeddings",),
            hint="Parameters without embeddings",
            first="descending",
        ),
        _body,
    ),
    "bytes": _measured("model_bytes", "Size", "bytes", "Bytes of the model's files"),
    "memory": _measured("peak_memory_mib", "Memory", "mebibytes", "Most memory while predicting"),
    "latency": _measured(
        "latency_p50_ms",
        "Latency",
        "milliseconds",
        "Half of the utterances, one at a time on one thread, take at most so long",
    ),
    "throughput": _measured(
        "utterances_per_second",
        "Utt./s",
        "number",
        "Utterances a second, many at a time, on one thread",
    ),
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
