"""Whether a line is a JSON object, and if not, what it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson

from massive_kit.submission import rules
from massive_kit.submission.checked_line import CheckedLine
from massive_kit.submission.excerpts import around, beginning, short, type_of
from massive_kit.submission.file_rules import a_list
from massive_kit.submission.report import Violation


def parse_line(line: CheckedLine) -> Iterator[Violation]:
    """Whether the line is a JSON object."""
    if line.value:
        return
    try:
        value = orjson.loads(line.raw)
    except orjson.JSONDecodeError as error:
        yield _explain(line.raw, error)
        return
    if isinstance(value, list):
        yield a_list()
    elif not isinstance(value, dict):
        excerpt = beginning(line.raw)
        yield Violation(rules.NOT_OBJECT, type_of(value), "an object", excerpt=excerpt)
    else:
        line.value = value


def _explain(line: bytes, error: orjson.JSONDecodeError) -> Violation:
    start = line.lstrip()
    message = error.msg
    if line.startswith(b"\xef\xbb\xbf"):
        todo = "save the file as UTF-8 without BOM"
        return Violation(rules.BOM, "a byte order mark", todo=todo)
    if "UTF-8" in message:
        try:
            line.decode()
        except UnicodeDecodeError as bad:
            return Violation(
                rules.NOT_UTF8,
                f"byte {bad.start + 1} of the line is not UTF-8 (0x{line[bad.start]:02x})",
                todo="save the file as UTF-8",
                excerpt=around(line, bad.start),
            )
    excerpt = around(line, error.pos)
    if "surrogate" in message:
        expected = "whole characters"
        return Violation(rules.SURROGATE, "half of a surrogate pair", expected, excerpt=excerpt)
    if "depth limit" in message:
        return Violation(rules.TOO_DEEP, "more than 1,000 brackets in each other")
    if "infinity" in message or (start[:1] and _names_number(line, error.pos)):
        todo = "no field here is a number"
        words = "a number that JSON cannot hold"
        return Violation(rules.NUMBER, words, todo=todo, excerpt=excerpt)
    if start.startswith(b"["):
        return a_list()
    if start.rstrip() == b"{":
        return Violation(
            rules.NOT_LINES,
            "a line with nothing but '{'",
            "one object per line",
            "write it without indentation",
        )
    return Violation(rules.NOT_JSON, f"not JSON: {message}", excerpt=excerpt)


def _names_number(line: bytes, at: int) -> bool:
    rest = line[at : at + 9]
    return rest.startswith((b"NaN", b"Infinity", b"-Infinity", b"nfinity"))


def duplicate_keys(line: bytes) -> Iterator[Violation]:
    """Whether a key is in the object twice; which of the two would count is not defined."""
    twice: list[str] = []

    def note_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen and not twice:
                twice.append(key)
            seen.add(key)
        return {}

    try:
        json.loads(line, object_pairs_hook=note_twice)
    except (ValueError, RecursionError):
        return
    for key in twice:
        yield Violation(rules.DUPLICATE_KEY, f"the key {short(key)} twice", "each key once")
