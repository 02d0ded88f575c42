"""Takes apart what a model wrote: an intent and slots, as it wrote them, in any of the formats."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from massive_kit.data import notation
from massive_kit.errors import NotationError

# No answer is longer; what goes on behind is not read.
LONGEST = 20_000
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_FENCE = re.compile(r"```[a-z]*\n?|\n?```")
_BRACKETS = re.compile(r"\[([^\[\]:\n]{1,200}):([^\[\]\n]*)\]")
_INTENT = re.compile(r"[\"']?intent[\"']?\s*[:=]\s*[\"']?([^\"',}\n]{1,200})", re.IGNORECASE)
_SLOT = re.compile(
    r"[\"']slot[\"']\s*:\s*[\"']([^\"']{1,200})[\"']\s*,\s*[\"']value[\"']\s*:\s*"
    r"(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)')"
)
_SLOT_KEYS = ("slot", "name", "type", "label", "key")
_VALUE_KEYS = ("value", "text", "words", "span")


@dataclass(frozen=True, slots=True)
class WrittenSlot:
    """A slot as a model wrote it.

    Attributes:
        name: Its name.
        value: Its words.
        start: Of one in brackets, how many letters of the text stand before it.
    """

    name: str
    value: str
    start: int | None = None


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """An answer as a model wrote it.

    Attributes:
        intent: What may be an intent, best first.
        slots: Its slots; `None` where it says nothing of slots.
        rest: What is left of an answer in brackets without its brackets, or "".
        broken: What is wrong with its form, or "".
    """

    intent: tuple[str, ...]
    slots: tuple[WrittenSlot, ...] | None
    rest: str = ""
    broken: str = ""


def take_apart(text: str) -> WrittenAnswer:
    """The intent and slots of an answer, whether it is JSON, brackets or words."""
    text = _FENCE.sub("", _THOUGHT.sub("", text[:LONGEST])).strip()
    start = text.find("{")
    if start >= 0 and (written := _of_json(text[start:])) is not None:
        return written
    return _of_text(text)


def _of_json(text: str) -> WrittenAnswer | None:
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return _of_broken_json(text)
    if not isinstance(value, dict):
        return None
    by_name = {str(key).casefold(): item for key, item in value.items()}
    intent = by_name.get("intent")
    slots = by_name.get("slots", by_name.get("entities"))
    if intent is None and slots is None:
        return None
    broken = "" if slots is None or isinstance(slots, list | dict | str) else "slots are no list"
    return WrittenAnswer(
        (intent,) if isinstance(intent, str) else (),
        None if slots is None else tuple(_slots(slots)),
        broken=broken,
    )


def _of_broken_json(text: str) -> WrittenAnswer | None:
    intent, slots = _INTENT.search(text), [*_SLOT.finditer(text)]
    if intent is None and not slots:
        return None
    written = tuple(WrittenSlot(m[1], m[2] if m[2] is not None else m[3]) for m in slots)
    return WrittenAnswer((intent[1].strip(),) if intent else (), written, broken="broken JSON")


def _slots(value: Any) -> Iterator[WrittenSlot]:
    if isinstance(value, str):
        yield from _of_text(value).slots or ()
    elif isinstance(value, Mapping):
        for name, words in value.items():
            for word in words if isinstance(words, list) else [words]:
                yield WrittenSlot(str(name), _words(word))
    elif isinstance(value, list):
        for item in value:
            yield from _slot(item)


def _slot(item: Any) -> Iterator[WrittenSlot]:
    if isinstance(item, Mapping):
        by_name = {str(key).casefold(): part for key, part in item.items()}
        name = next((by_name[key] for key in _SLOT_KEYS if key in by_name), None)
        value = next((by_name[key] for key in _VALUE_KEYS if key in by_name), None)
        if name is not None and value is not None:
            yield WrittenSlot(str(name), _words(value))
        else:
            yield from _slots(item)
    elif isinstance(item, list) and len(item) == 2 and all(isinstance(x, str) for x in item):  # noqa: PLR2004 - a pair
        yield WrittenSlot(*item)
    elif isinstance(item, str):
        yield from _slots(item)
    else:
        yield WrittenSlot(str(item)[:80], "")


def _words(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value[:100]))
    return str(value)


def _of_text(text: str) -> WrittenAnswer:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    annotated = next((i for i, line in enumerate(lines) if _is_annotated(line)), None)
    if annotated is None:
        named = _INTENT.search(text)
        candidates = [*([named[1].strip()] if named else []), *lines]
        return WrittenAnswer(tuple(candidates), None, rest=_without_brackets(" ".join(lines)))
    line = lines[annotated]
    # What stands before the brackets of a lone line may be the intent.
    before = [] if annotated else [line[: line.index("[")]]
    return WrittenAnswer(
        (*lines[:annotated], *before, *lines[annotated + 1 :]),
        tuple(_bracketed(line)),
        rest=_without_brackets(line),
    )


def _is_annotated(line: str) -> bool:
    try:
        return any(segment.slot is not None for segment in notation.parse(line))
    except NotationError:
        return _BRACKETS.search(line) is not None


def _bracketed(line: str) -> Iterator[WrittenSlot]:
    try:
        segments = notation.parse(line)
    except NotationError:
        for match in _BRACKETS.finditer(line):
            yield WrittenSlot(match[1].strip(), match[2].strip())
        return
    letters = 0
    for segment in segments:
        if segment.slot is not None:
            yield WrittenSlot(segment.slot, segment.text, letters)
        letters += len("".join(segment.text.split()))


def _without_brackets(line: str) -> str:
    try:
        return notation.strip(line)
    except NotationError:
        return _BRACKETS.sub(r"\2", line)
