"""Slots with offsets, `14:22:SL:DATE_TIME`, held against the parse of the utterance.

What an offset counts is nowhere said: bytes of UTF-8, or code points. The parse tells, which has
the texts of the slots.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from massive_kit.data.intake.bare_text import BareText, bare, trimmed
from massive_kit.data.intake.foreign_rows import SlotSpan
from massive_kit.data.intake.semantic_parse import ParseError, ParseNode, SemanticParse

_SLOT = re.compile(r"\s*(\d{1,9}):(\d{1,9}):(\S+)\s*")
# More than any utterance has.
_MAX_SLOTS = 1_000


def counts_bytes(slots: str, text: str, parse: SemanticParse) -> bool | None:
    """Whether the offsets of a row count bytes; `None` where it does not tell.

    Args:
        slots: As the column holds them, between commas.
        text: The utterance.
        parse: Its parse.

    Raises:
        ParseError: A slot is not written as one.
    """
    places = _places(slots)
    by_bytes, by_code_points = _of_bytes(places, text), _of_code_points(places, text)
    if by_bytes == by_code_points:
        return None
    fits_bytes, fits_points = _agree(by_bytes, text, parse), _agree(by_code_points, text, parse)
    return fits_bytes if fits_bytes != fits_points else None


def spans_by_offsets(
    slots: str, text: str, parse: SemanticParse, *, bytes_first: bool
) -> Sequence[SlotSpan]:
    """The slots of an utterance, the outermost where some are within others.

    Args:
        slots: As the column holds them, between commas.
        text: The utterance.
        parse: Its parse.
        bytes_first: What offsets count where the parse allows both.

    Raises:
        ParseError: The offsets do not give what the parse has.
    """
    places = _places(slots)
    if not places:
        spans = parse.spans_in(text) if parse.intent.slots else []
        if spans is None:
            raise ParseError("the column of slots is empty, and the parse has slots")
        return spans
    by_bytes, by_code_points = _of_bytes(places, text), _of_code_points(places, text)
    readings = [by_bytes, by_code_points] if bytes_first else [by_code_points, by_bytes]
    for reading in readings:
        if reading is not None and _agree(reading, text, parse):
            return reading
    shown = by_bytes if by_code_points is None else by_code_points
    by_offsets = (
        "nothing" if shown is None else _shown((text[s.start : s.end], s.slot) for s in shown)
    )
    by_parse = _shown(
        (_spaced(parse.text_of(slot), text), slot.name) for slot in parse.intent.slots
    )
    raise ParseError(f"by the offsets of slots {by_offsets:.200}, by the parse {by_parse:.200}")


def _places(slots: str) -> list[SlotSpan]:
    written = slots.split(",") if slots.strip() else []
    if len(written) > _MAX_SLOTS:
        raise ParseError(f"{len(written):,} slots; at most {_MAX_SLOTS:,} are read")
    places = []
    for slot in written:
        match = _SLOT.fullmatch(slot)
        if match is None:
            raise ParseError(f"the slot {slot!r:.60} is not start:end:SL:NAME")
        places.append(SlotSpan(int(match[1]), int(match[2]), match[3]))
    return places


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


def _agree(spans: Sequence[SlotSpan] | None, text: str, parse: SemanticParse) -> bool:
    """Whether each span has a slot of the parse of the same name and text, and the other way."""
    left = parse.intent.slots
    if spans is None or len(spans) != len(left):
        return False
    for span in spans:
        cut = _folded(_cut(text, span))
        matching = (slot for slot in left if slot.name == span.slot and _fits(slot, cut, parse))
        slot = next(matching, None)
        if slot is None:
            return False
        left.remove(slot)
    return True


def _fits(slot: ParseNode, cut: str, parse: SemanticParse) -> bool:
    if not slot.children:
        return _folded(parse.text_of(slot)) == cut
    # A decoupled parse drops the words between nested slots, and may change their order.
    return all(_folded(parse.text_of(leaf)) in cut for leaf in slot.leaves)


def _cut(text: str, span: SlotSpan) -> str:
    return bare(text[span.start : span.end])


def _spaced(letters: str, text: str) -> str:
    """Letters with the spaces that an utterance has between them, if they stand in it."""
    bare_text = BareText.of(text)
    start = bare_text.text.find(letters)
    if start < 0 or not letters:
        return letters
    first, end = bare_text.whole(start, start + len(letters))
    return text[first:end]


def _folded(text: str) -> str:
    # The tokens of the parse come from a tokeniser that normalises.
    return unicodedata.normalize("NFKC", text).casefold()


def _shown(slots: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"[{name} {text}]" for text, name in slots) or "no slot"
