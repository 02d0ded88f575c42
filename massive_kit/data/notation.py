r"""The bracket notation of annotated utterances: `wake me up at [time : five am]`.

A slot's name is what stands before the first ` : `, so that names such as `SL:DATE_TIME`,
`time.start` or `date time` stay whole. Brackets of the text itself are written `\[` and `\]`, a
backslash `\\`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from massive_kit.errors import NotationError

# Means no slot in the labels of tokens, so no slot can be called that.
OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text, with its slot or with `None` outside of slots."""

    text: str
    slot: str | None = None


_MARK = re.compile(r"\\[\[\]\\]|[\[\]]")
_ESCAPED = re.compile(r"\\([\[\]\\])")
_ESCAPING = re.compile(r"[\[\]\\]")
# Strict before lenient: only where no colon stands between spaces may it touch name or value.
_SEPARATORS = (re.compile(r"\s:\s"), re.compile(r"\s:|:\s"))
_USUAL_NAME = re.compile(r"[\w:./-]+")
_NOT_IN_NAMES = re.compile(r"[\[\]\\\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def parse(annotated: str) -> list[Segment]:
    """The segments of an annotated utterance.

    Text outside of slots is as it stands, values are without outer spaces; escapes are resolved.

    Raises:
        NotationError: Brackets are unbalanced or nested, a slot has no colon, no name or no value.
    """
    if "[" not in annotated and "]" not in annotated:
        return [Segment(_unescape(annotated))] if annotated else []
    return _plain(annotated) or _any(annotated)


def _plain(annotated: str) -> list[Segment] | None:
    """The segments where all slots are written as `render` writes them, without escapes."""
    if "\\" in annotated:
        return None
    before, *slots = annotated.split("[")
    segments = [Segment(before)] if before else []
    for slot in slots:
        name, separator, rest = slot.partition(" : ")
        value, close, after = rest.partition("]")
        value = value.strip()
        if not (separator and close and value and _USUAL_NAME.fullmatch(name)):
            return None
        segments.append(Segment(value, name))
        if after:
            segments.append(Segment(after))
    return segments if annotated.count("]") == len(slots) else None


def _any(annotated: str) -> list[Segment]:
    segments = []
    end = 0
    brackets = _brackets(annotated)
    for start in brackets:
        close = next(brackets, None)
        if annotated[start] == "]":
            raise NotationError("unbalanced", "a ']' without its '['", start)
        if close is None:
            raise NotationError("unbalanced", "a '[' without its ']'", start)
        if annotated[close] == "[":
            if any(annotated[at] == "]" for at in brackets):
                raise NotationError("nested", "a '[' inside a slot", close)
            raise NotationError("unbalanced", "a '[' without its ']'", start)
        if start > end:
            segments.append(Segment(_unescape(annotated[end:start])))
        segments.append(_slot(annotated, start, close))
        end = close + 1
    if end < len(annotated):
        segments.append(Segment(_unescape(annotated[end:])))
    return segments


def render(segments: Iterable[Segment]) -> str:
    """The annotated utterance; the inverse of `parse` for segments whose spaces are their own."""
    return "".join(
        escape(s.text) if s.slot is None else f"[{s.slot} : {escape(s.text)}]" for s in segments
    )


def strip(annotated: str) -> str:
    """The utterance without its notation.

    Raises:
        NotationError: As `parse`.
    """
    return "".join(segment.text for segment in parse(annotated))


def escape(text: str) -> str:
    """Plain text as it stands in an annotated utterance."""
    return _ESCAPING.sub(r"\\\g<0>", text)


def name_problem(name: str) -> str | None:
    """Why a name cannot be that of a slot in this notation; `None` where it can."""
    if not name.strip():
        return "it is empty"
    if name == OTHER:
        return f"{OTHER!r} means no slot"
    if name != name.strip():
        return "it has white space around it"
    if _NOT_IN_NAMES.search(name):
        return "it holds a bracket, a backslash or a line break"
    # A name that ends in a colon would make the separator's space part of another one.
    if _SEPARATORS[0].search(f"{name} ") or name.startswith(": "):
        return "it holds ' : ', which ends a name"
    return None


def _unescape(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def _brackets(text: str) -> Iterator[int]:
    return (match.start() for match in _MARK.finditer(text) if len(match[0]) == 1)


def _slot(annotated: str, start: int, close: int) -> Segment:
    inside = annotated[start + 1 : close]
    separator = next(filter(None, (pattern.search(inside) for pattern in _SEPARATORS)), None)
    if separator is not None:
        name, value = inside[: separator.start()], inside[separator.end() :]
    elif inside.count(":") == 1:
        name, _, value = inside.partition(":")
    else:
        message = f"[{inside}] has no ' : ' between slot and value"
        raise NotationError("malformed", message, start)
    name, value = name.strip(), value.strip()
    if not name or _NOT_IN_NAMES.search(name):
        raise NotationError("malformed", f"[{inside}] is not '[slot : value]'", start)
    if not value:
        raise NotationError("empty", f"the slot {name!r} is empty", start)
    return Segment(_unescape(value), name)
