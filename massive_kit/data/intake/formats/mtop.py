"""MTOP's tab-separated files: id, intent, slots with offsets, utterance, domain, locale, parse.

A slot stands as `14:22:SL:DATE_TIME`. Offsets count bytes of UTF-8, as the makers' tools do, or
code points: whichever gives the texts that the parse has. The parse is decoupled, that is without
the words outside of slots, or holds the whole utterance. Names keep `IN:` and `SL:`; a slot within
a slot is left out. Locales such as `en_XX` say the language alone. The files `eval` are dev sets.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from massive_kit.data.intake.bare_text import bare, trimmed
from massive_kit.data.intake.foreign_rows import ForeignRow, SlotSpan
from massive_kit.data.intake.semantic_parse import (
    NESTED,
    ParseError,
    ParseNode,
    SemanticParse,
    partition_in,
    read_parse,
)
from massive_kit.data.intake.source_files import FileHead, SourceFile

TITLE = "MTOP, tab-separated"
_COLUMNS = ("id", "intent", "slots", "utterance", "domain", "locale", "parse")
_SLOT = re.compile(r"\s*(\d{1,9}):(\d{1,9}):(\S+)\s*")
_NO_REGION = "_XX"


def recognises(head: FileHead) -> bool:
    """Whether one of the first two rows, of which the first may be a header, is one of MTOP's."""
    return any(map(_is_row, [line for line in head.lines if line.strip()][:2]))


def read_rows(files: Sequence[SourceFile]) -> Iterator[ForeignRow]:
    """The rows of a file."""
    for file in files:
        for number, line in enumerate(file.lines(), 1):
            is_header = number == 1 and "[" not in line
            if line.strip() and not is_header:
                yield _row(number, line, partition_in(file.path))


def _is_row(line: str) -> bool:
    columns = line.split("\t")
    return (
        len(columns) >= len(_COLUMNS)
        and columns[1].startswith("IN:")
        and columns[6].startswith("[IN:")
    )


def _row(number: int, line: str, partition: str | None) -> ForeignRow:
    columns = line.split("\t")
    # The eighth holds tokens, which come from the text alone here.
    if len(columns) not in {len(_COLUMNS), len(_COLUMNS) + 1}:
        reason = f"{len(columns)} columns; 7 or 8 are wanted: {', '.join(_COLUMNS)}, tokens"
        return ForeignRow(number, line, mistakes=[reason])
    identifier, intent, slots, text, domain, locale, written = columns[: len(_COLUMNS)]
    spans: Sequence[SlotSpan] = []
    mistakes: list[str] = []
    notes: list[str] = []
    try:
        parse = read_parse(written)
        if parse.intent.name != intent:
            mistakes.append(f"the intent is {intent!r}, that of the parse {parse.intent.name!r}")
        spans = _spans(slots, text, parse)
        if parse.nested:
            notes.append(NESTED)
    except ParseError as error:
        mistakes.append(str(error))
    return ForeignRow(
        number,
        line,
        id=identifier or None,
        locale=locale.removesuffix(_NO_REGION) or None,
        partition=partition,
        intent=intent,
        scenario=domain or None,
        text=text,
        spans=spans,
        mistakes=mistakes,
        notes=notes,
    )


def _spans(slots: str, text: str, parse: SemanticParse) -> Sequence[SlotSpan]:
    if not slots.strip():
        spans = parse.spans_in(text) if parse.intent.slots else []
        if spans is None:
            raise ParseError("the column of slots is empty, and the parse has slots")
        return spans
    places = []
    for slot in slots.split(","):
        match = _SLOT.fullmatch(slot)
        if match is None:
            raise ParseError(f"the slot {slot!r:.60} is not start:end:SL:NAME")
        places.append(SlotSpan(int(match[1]), int(match[2]), match[3]))
    by_bytes, by_code_points = _of_bytes(places, text), _of_code_points(places, text)
    for candidate in (by_bytes, by_code_points):
        if candidate is not None and _agree(candidate, text, parse):
            return candidate
    shown = by_bytes if by_code_points is None else by_code_points
    by_offsets = "nothing" if shown is None else _shown((_cut(text, s), s.slot) for s in shown)
    by_parse = _shown((parse.text_of(slot), slot.name) for slot in parse.intent.slots)
    raise ParseError(f"by the offsets of slots {by_offsets}, by the parse {by_parse}")


def _of_bytes(places: Sequence[SlotSpan], text: str) -> list[SlotSpan] | None:
    position_of = {0: 0}
    length = 0
    for position, character in enumerate(text, 1):
        length += len(character.encode(errors="surrogateescape"))
        position_of[length] = position
    if not all(place.start in position_of and place.end in position_of for place in places):
        return None
    in_code_points = [
        SlotSpan(position_of[place.start], position_of[place.end], place.slot) for place in places
    ]
    return _of_code_points(in_code_points, text)


def _of_code_points(places: Sequence[SlotSpan], text: str) -> list[SlotSpan] | None:
    """The outermost, in the order of the text, without white space at the ends."""
    spans: list[SlotSpan] = []
    for place in sorted(places, key=lambda place: (place.start, -place.end)):
        start, end = trimmed(text, place.start, min(place.end, len(text)))
        if start >= end or place.end > len(text):
            return None
        if not spans or start >= spans[-1].end:
            spans.append(SlotSpan(start, end, place.slot))
        elif end > spans[-1].end:
            return None
    return spans


def _agree(spans: Sequence[SlotSpan], text: str, parse: SemanticParse) -> bool:
    """Whether each span has a slot of the parse of the same name and text, and the other way."""
    left = list(parse.intent.slots)
    for span in spans:
        cut = _folded(_cut(text, span))
        matching = (slot for slot in left if slot.name == span.slot and _fits(slot, cut, parse))
        slot = next(matching, None)
        if slot is None:
            return False
        left.remove(slot)
    return not left


def _fits(slot: ParseNode, cut: str, parse: SemanticParse) -> bool:
    if not slot.children:
        return _folded(parse.text_of(slot)) == cut
    # A decoupled parse drops the words between nested slots, and may change their order.
    return all(_folded(parse.text_of(leaf)) in cut for leaf in slot.leaves)


def _cut(text: str, span: SlotSpan) -> str:
    return bare(text[span.start : span.end])


def _folded(text: str) -> str:
    # The tokens of the parse come from a tokeniser that normalises.
    return unicodedata.normalize("NFKC", text).casefold()


def _shown(slots: Iterator[tuple[str, str]]) -> str:
    return ", ".join(f"[{name} {text}]" for text, name in slots) or "no slot"
