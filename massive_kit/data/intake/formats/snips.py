"""Snips NLU's JSON, in two forms: a file for each intent (2017), and a data set with all intents.

`{"GetWeather": [{"data": [{"text": "in "}, {"text": "Oslo", "entity": "city"}]}]}`, the slot being
the entity; and `{"language": "en", "intents": {"getWeather": {"utterances": [{"data": [...]}]}}}`,
where a part of an utterance has a `slot_name` beside its entity, and the slot is that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from massive_kit.data.intake.bare_text import trimmed
from massive_kit.data.intake.foreign_rows import ForeignRow, SlotSpan
from massive_kit.data.intake.located_json import LocatedJson
from massive_kit.data.intake.source_files import FileHead, SourceFile

TITLE = "Snips NLU JSON"
_BY_INTENT = re.compile(r'\s*\{\s*"[^"]+"\s*:\s*\[\s*\{\s*"data"\s*:\s*\[\s*(\{\s*"|\])')
_DATA_SET = re.compile(r'\s*\{\s*"(entities|intents|language)"\s*:')
_IN_DATA_SET = ('"utterances"', '"automatically_extensible"')


def recognises(head: FileHead) -> bool:
    """Whether the file begins as one of the two forms."""
    text = head.text or ""
    if _BY_INTENT.match(text):
        return True
    # A data set may list its entities first, beyond what can be seen here.
    return bool(_DATA_SET.match(text)) and any(mark in text for mark in _IN_DATA_SET)


def read_rows(files: Sequence[SourceFile]) -> Iterator[ForeignRow]:
    """The rows of a file.

    Raises:
        DataError: It is not JSON.
    """
    for file in files:
        value = LocatedJson(file)
        top = dict(value.members(value.start))
        if "intents" not in top:
            for intent, start in value.members(value.start):
                yield from _utterances(value, intent, start, None)
            continue
        language = value.value(top["language"])[0] if "language" in top else None
        locale = language if isinstance(language, str) else None
        for intent, start in value.members(top["intents"]):
            for key, utterances in value.members(start):
                if key == "utterances":
                    yield from _utterances(value, intent, utterances, locale)


def _utterances(
    value: LocatedJson, intent: str, start: int, locale: str | None
) -> Iterator[ForeignRow]:
    for at in value.items(start):
        utterance, end = value.value(at)
        text, spans, mistakes = "", [], []
        parts = utterance.get("data") if isinstance(utterance, dict) else None
        if not isinstance(parts, list):
            mistakes.append('not {"data": [...]}')
            parts = []
        for part in parts:
            if not _is_part(part):
                mistakes.append(f"data holds {part!r:.80}, not a text with or without an entity")
                continue
            slot = part.get("slot_name") or part.get("entity")
            # Parts that are slots have white space at their ends at times.
            place = trimmed(text + part["text"], len(text), len(text) + len(part["text"]))
            text += part["text"]
            if slot and place[0] == place[1]:
                mistakes.append(f"the slot {slot!r} is empty")
            elif slot:
                spans.append(SlotSpan(*place, slot))
        yield ForeignRow(
            value.line(at),
            value.text[at:end],
            locale=locale,
            intent=intent,
            text=text,
            spans=spans,
            mistakes=mistakes,
        )


def _is_part(part: Any) -> bool:
    return (
        isinstance(part, dict)
        and isinstance(part.get("text"), str)
        and all(isinstance(part.get(key, ""), str) for key in ("entity", "slot_name"))
    )
