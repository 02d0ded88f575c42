"""SLURP's JSON lines: `sentence`, its `tokens`, `entities` over them, `sentence_annotation`.

The intent is `scenario_action`, as MASSIVE took it over: `intent` itself lacks the scenario in some
of SLURP's rows. The slots stand twice, in `sentence_annotation` and in `entities`, and must agree.
SLURP is English and does not say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from massive_kit.data.intake.bare_text import BareText, bare
from massive_kit.data.intake.foreign_rows import ForeignRow, SlotSpan
from massive_kit.data.intake.json_objects import rows_of_objects
from massive_kit.data.intake.source_files import FileHead, SourceFile
from massive_kit.data.notation import parse
from massive_kit.errors import NotationError

TITLE = "SLURP JSON lines"
_MARKS = ('"sentence"', '"sentence_annotation"')


def recognises(head: FileHead) -> bool:
    """Whether the first row has SLURP's columns."""
    first = next((line for line in head.lines if line.strip()), "")
    return first.lstrip("\ufeff").startswith("{") and all(mark in first for mark in _MARKS)


def read_rows(files: Sequence[SourceFile]) -> Iterator[ForeignRow]:
    """The rows of a file."""
    return rows_of_objects(files, _row)


def _row(number: int, line: str, value: dict[str, Any]) -> ForeignRow:
    mistakes: list[str] = []
    notes: list[str] = []
    sentence = _text(value, "sentence", mistakes)
    spans = _spans(value, sentence, mistakes) if sentence else None
    intent = _intent(value, mistakes, notes)
    number_of_row = value.get("slurp_id")
    return ForeignRow(
        number,
        line,
        id=None if number_of_row is None else str(number_of_row),
        intent=intent,
        scenario=_text(value, "scenario", mistakes),
        text=sentence,
        spans=spans,
        mistakes=mistakes,
        notes=notes,
    )


def _text(value: dict[str, Any], name: str, mistakes: list[str]) -> str | None:
    text = value.get(name)
    if text is None or isinstance(text, str):
        return text
    mistakes.append(f"{name} is {text!r:.60}, not text")
    return None


def _intent(value: dict[str, Any], mistakes: list[str], notes: list[str]) -> str | None:
    intent, action = _text(value, "intent", mistakes), _text(value, "action", mistakes)
    scenario = value.get("scenario")
    if not (isinstance(scenario, str) and scenario and action):
        return intent
    built = f"{scenario}_{action}"
    if intent == action:
        notes.append("an intent without its scenario, read as scenario_action")
    elif intent and intent != built:
        mistakes.append(f"the intent is {intent!r}, but scenario and action make {built!r}")
    return built


def _spans(value: dict[str, Any], sentence: str, mistakes: list[str]) -> Sequence[SlotSpan] | None:
    bare_text = BareText.of(sentence)
    annotated = value.get("sentence_annotation")
    by_notation = by_tokens = None
    known = len(mistakes)
    if annotated is not None:
        by_notation = _of_notation(annotated, bare_text, mistakes)
    if value.get("entities") is not None:
        by_tokens = _of_entities(value, bare_text, mistakes)
    if len(mistakes) > known or by_notation is None or by_tokens is None:
        return by_notation if by_tokens is None else by_tokens
    if sorted(map(_key, by_notation)) != sorted(map(_key, by_tokens)):
        mistakes.append(
            f"sentence_annotation has {_shown(by_notation, sentence):.200}, "
            f"entities have {_shown(by_tokens, sentence):.200}"
        )
    return by_notation


def _of_notation(annotated: Any, text: BareText, mistakes: list[str]) -> list[SlotSpan]:
    if not isinstance(annotated, str):
        mistakes.append(f"sentence_annotation is {annotated!r:.60}, not text")
        return []
    try:
        segments = parse(annotated)
    except NotationError as error:
        mistakes.append(f"sentence_annotation: {error}")
        return []
    spans = []
    at = 0
    for segment in segments:
        end = at + len(bare(segment.text))
        if segment.slot is not None:
            spans.append((at, end, segment.slot))
        at = end
    if "".join(bare(segment.text) for segment in segments) != text.text:
        mistakes.append("sentence_annotation without its slots is not the sentence")
        return []
    return [SlotSpan(*text.whole(start, end), slot) for start, end, slot in spans]


def _of_entities(value: dict[str, Any], text: BareText, mistakes: list[str]) -> list[SlotSpan]:
    places = _token_places(value.get("tokens"), text, mistakes)
    spans: list[SlotSpan] = []
    if places is None:
        return spans
    entities = value["entities"]
    if not isinstance(entities, list):
        mistakes.append(f"entities is {entities!r:.60}, not a list")
        return spans
    for entity in entities:
        kind, tokens = (
            (entity.get("type"), entity.get("span")) if isinstance(entity, dict) else (None, None)
        )
        if not isinstance(kind, str) or not isinstance(tokens, list) or not tokens:
            mistakes.append(f'entities holds {entity!r:.80}, not {{"span": [...], "type": "..."}}')
        elif not all(type(token) is int and 0 <= token < len(places) for token in tokens):
            mistakes.append(
                f"the entity {kind!r} spans {tokens!r:.60}, and there are {len(places)} tokens"
            )
        elif tokens != list(range(tokens[0], tokens[-1] + 1)):
            mistakes.append(
                f"the entity {kind!r} spans {tokens!r:.60}, which do not stand together"
            )
        else:
            start, end = places[tokens[0]][0], places[tokens[-1]][1]
            spans.append(SlotSpan(start, end, kind))
    return spans


def _token_places(tokens: Any, text: BareText, mistakes: list[str]) -> list[tuple[int, int]] | None:
    if not isinstance(tokens, list):
        mistakes.append("entities without tokens")
        return None
    surfaces = [token.get("surface") if isinstance(token, dict) else None for token in tokens]
    words = [bare(surface) for surface in surfaces if isinstance(surface, str)]
    if len(words) < len(tokens) or not all(words):
        mistakes.append('tokens are not a list of {"surface": "..."}')
        return None
    if "".join(words) != text.text:
        mistakes.append("the tokens are not those of the sentence")
        return None
    places = []
    at = 0
    for word in words:
        places.append(text.whole(at, at + len(word)))
        at += len(word)
    return places


def _key(span: SlotSpan) -> tuple[int, int, str]:
    return span.start, span.end, span.slot


def _shown(spans: Sequence[SlotSpan], sentence: str) -> str:
    shown = ", ".join(f"[{span.slot} : {sentence[span.start : span.end]}]" for span in spans)
    return shown or "no slot"
