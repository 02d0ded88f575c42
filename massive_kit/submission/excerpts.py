"""Short quotations of untrusted text, for messages."""

from __future__ import annotations

import difflib
from functools import lru_cache

LONGEST = 100
_BEFORE, _AROUND = 40, 80


def short(value: object) -> str:
    """The `repr` of a value, cut."""
    text = repr(value[:LONGEST]) if isinstance(value, str | list) else repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def beginning(line: bytes) -> str:
    """The first characters of a line."""
    return line[:LONGEST].decode("utf-8", "replace")


def around(line: bytes, at: int) -> str:
    """The text around a byte of a line."""
    start = max(0, at - _BEFORE)
    return line[start : start + _AROUND].decode("utf-8", "replace")


def window(text: str, at: int) -> str:
    """The text around a character."""
    start = max(0, at - _BEFORE)
    return text[start : start + LONGEST]


def type_of(value: object) -> str:
    """What a JSON value is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    for kind, name in ((str, "a string"), (int, "a number"), (float, "a number"), (list, "a list")):
        if isinstance(value, kind):
            return f"{name}, {short(value)}" if kind is not list else name
    return "an object"


def meant_label(name: str, known: tuple[str, ...], *, final: bool) -> str | None:
    """What somebody meant by a label that is not known.

    Args:
        name: The label.
        known: Those that are known.
        final: Whether there can be no others.
    """
    near = did_you_mean(name, known)
    return near or (None if final else "if it is right, the task's `inventory` has to declare it")


@lru_cache(maxsize=1000)
def did_you_mean(name: str, known: tuple[str, ...]) -> str | None:
    """A question with the nearest known name, or `None` where none is near."""
    near = difflib.get_close_matches(name[:LONGEST].lower(), known, 1)
    return f"did you mean {near[0]!r}?" if near else None
