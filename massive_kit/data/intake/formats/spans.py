"""JSON lines of text with slots by character offsets, as annotation tools write them.

A row is `{"text": ..., "intent": ..., "slots": [{"start": 0, "end": 5, "label": "date"}]}`. The
list may be called `spans` (Prodigy), `entities` (spaCy) or `label` (Doccano, where a slot is
`[0, 5, "date"]`). Offsets count code points, as those tools do; the end is one past the last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from massive_kit.data.intake.column_names import column_of, has_tagged_tokens
from massive_kit.data.intake.foreign_rows import ForeignRow, SlotSpan
from massive_kit.data.intake.json_objects import rows_of_objects
from massive_kit.data.intake.source_files import FileHead, SourceFile

TITLE = "JSON lines of text with slots by character offsets (Doccano, Prodigy, spaCy)"
_LISTS = ("slots", "spans", "entities", "label", "labels")
_STARTS = ("start", "start_offset", "start_char")
_ENDS = ("end", "end_offset", "end_char")
_SLOTS = ("label", "slot", "entity", "type")
# What the slot covers, where a row says it again.
_VALUES = ("text", "value")
# What annotators made of a row, where the tool keeps that: Prodigy.
_ANSWER, _ACCEPTED = "answer", "accept"
# Lines that are looked at to say what a file is.
_LINES_SEEN = 100
_SHAPE = '{"start": 0, "end": 5, "label": "date"} or [0, 5, "date"]'


def recognises(head: FileHead) -> bool:
    """Whether a row among the first lines is a text with a list of slots by offsets."""
    lines = [line.lstrip("\ufeff") for line in head.lines[:_LINES_SEEN] if line.strip()]
    return any(line.startswith("{") and _is_row(line) for line in lines)


def read_rows(files: Sequence[SourceFile]) -> Iterator[ForeignRow]:
    """The rows of a file."""
    return rows_of_objects(files, _row)


def _is_row(line: str) -> bool:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        return False
    if "utt" in value or "annot_utt" in value or has_tagged_tokens(value):
        return False
    names = _lists_of(value)
    return bool(names) and all(_parts(item) for name in names for item in value[name])


def _lists_of(value: Mapping[str, Any]) -> list[str]:
    """The columns that may hold the slots; an empty one does not count beside another."""
    names = [name for name in _LISTS if isinstance(value.get(name), list)]
    return [name for name in names if value[name]] or names[:1]


def _row(number: int, line: str, value: dict[str, Any]) -> ForeignRow:
    mistakes: list[str] = []

    def column(kind: str) -> str | None:
        return _text(column_of(kind, value) or kind, value, mistakes)

    text = _text("text", value, mistakes)
    if not text and not mistakes:
        mistakes.append("no text")
    answer = value.get(_ANSWER, _ACCEPTED)
    if answer != _ACCEPTED:
        mistakes.append(f"{_ANSWER} is {answer!r:.60}; only accepted rows are annotated")
    return ForeignRow(
        number,
        line,
        id=column("id"),
        locale=column("locale"),
        partition=column("partition"),
        intent=column("intent"),
        scenario=column("scenario"),
        text=text,
        spans=_spans(value, text or "", mistakes),
        mistakes=mistakes,
    )


def _text(name: str, value: Mapping[str, Any], mistakes: list[str]) -> str | None:
    text = value.get(name)
    if name in {"id", "uid"} and type(text) is int:
        return str(text)
    if text is None or isinstance(text, str):
        return text or None
    mistakes.append(f"{name} is {text!r:.60}, not text")
    return None


def _spans(value: Mapping[str, Any], text: str, mistakes: list[str]) -> list[SlotSpan] | None:
    names = _lists_of(value)
    if len(names) > 1:
        mistakes.append(f"slots in {' and in '.join(names)}; leave out all but one")
    if len(names) != 1:
        return None
    spans = []
    for item in value[names[0]]:
        span = _parts(item)
        if span is None:
            mistakes.append(f"{names[0]} holds {item!r:.80}, not {_SHAPE}")
            continue
        spans.append(span)
        covered = text[span.start : span.end] if 0 <= span.start <= span.end else ""
        expected = _first(item, _VALUES) if isinstance(item, dict) else None
        if isinstance(expected, str) and expected != covered:
            mistakes.append(
                f"{span.slot} from {span.start} to {span.end} is {covered!r:.60} in the text, not"
                f" {expected!r:.60}; offsets count code points"
            )
    return spans


def _parts(item: Any) -> SlotSpan | None:
    """A slot as the file has it, or `None` where it is none."""
    if isinstance(item, dict):
        item = [_first(item, names) for names in (_STARTS, _ENDS, _SLOTS)]
    if not isinstance(item, list) or len(item) != 3:  # noqa: PLR2004 - start, end and name
        return None
    start, end, slot = item
    # True is an integer to Python.
    if type(start) is not int or type(end) is not int or not isinstance(slot, str):
        return None
    return SlotSpan(start, end, slot)


def _first(item: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((item[name] for name in names if item.get(name) is not None), None)
