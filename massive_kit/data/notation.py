"""The bracket notation of annotated utterances: `wake me up at [time : five am]`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from massive_kit.errors import NotationError


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text, with its slot or with `None` outside of slots."""

    text: str
    slot: str | None = None


# `[slot : value]`; a slot's name holds no space, bracket or colon, a value no bracket.
# Linear in the text, whatever it holds: white space around a value is taken off afterwards.
_SLOT = re.compile(r"\[\s*([^\s\[\]:]+)\s*:([^\[\]]*)\]")
_BRACKET = re.compile(r"[\[\]]")


def parse(annotated: str) -> list[Segment]:
    """The segments of an annotated utterance.

    Text outside of slots is as it stands, values are without outer spaces.

    Raises:
        NotationError: Brackets are unbalanced or nested, a slot has no colon, no name or no value.
    """
    if "[" not in annotated and "]" not in annotated:
        return [Segment(annotated)] if annotated else []
    segments = []
    end = 0
    for match in _SLOT.finditer(annotated):
        before = annotated[end : match.start()]
        if _BRACKET.search(before):
            raise _explain(annotated, end + _offset(before))
        if before:
            segments.append(Segment(before))
        slot, value = match[1], match[2].strip()
        if not value:
            raise NotationError("empty", f"the slot {slot!r} is empty", match.start())
        segments.append(Segment(value, slot))
        end = match.end()
    rest = annotated[end:]
    if _BRACKET.search(rest):
        raise _explain(annotated, end + _offset(rest))
    if rest:
        segments.append(Segment(rest))
    return segments


def render(segments: Iterable[Segment]) -> str:
    """The annotated utterance; the inverse of `parse` for segments whose spaces are their own."""
    return "".join(s.text if s.slot is None else f"[{s.slot} : {s.text}]" for s in segments)


def strip(annotated: str) -> str:
    """The utterance without its notation.

    Raises:
        NotationError: As `parse`.
    """
    return "".join(segment.text for segment in parse(annotated))


def _offset(text: str) -> int:
    match = _BRACKET.search(text)
    assert match is not None
    return match.start()


def _explain(text: str, at: int) -> NotationError:
    if text[at] == "]":
        return NotationError("unbalanced", "a ']' without its '['", at)
    close, again = text.find("]", at), text.find("[", at + 1)
    if close < 0:
        return NotationError("unbalanced", "a '[' without its ']'", at)
    if 0 <= again < close:
        return NotationError("nested", "a '[' inside of a slot", again)
    inside = text[at + 1 : close]
    if ":" not in inside:
        message = f"[{inside}] has no ' : ' between slot and value"
    else:
        message = f"[{inside}] is not '[slot : value]'"
    return NotationError("malformed", message, at)
