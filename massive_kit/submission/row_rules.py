"""What can be wrong with one line: small functions, one a rule or a few that exclude each other.

Only lines that the fast reader does not take at once come here, so these functions may take their
time.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import orjson

from massive_kit.data.notation import NotationError, parse
from massive_kit.data.tokens import OTHER
from massive_kit.languages import canonical_locale
from massive_kit.submission import annotation_reading, rules
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.report import Finding, Rule

NEEDED = ("id", "locale", "pred_intent", "pred_annot_utt")
KNOWN = frozenset({*NEEDED, "utt", "pred_slots"})
_WRONG_NAMES = {"intent": "pred_intent", "annot_utt": "pred_annot_utt", "slots": "pred_slots"}
_EXCERPT = 100
# Fields of a line, or slots: no utterance has a tenth of it, and an attack is cut short.
MANY = 1_000

Breach = tuple[Rule, Finding]


@dataclass(slots=True)
class Row:
    """A line on its way through the rules.

    Attributes:
        line: Its bytes.
        value: The object in it.
        locale: As the data call it.
        at: Its row in the index, or `None`.
        labels: Predicted token labels, if they align.
    """

    line: bytes
    value: dict[str, Any] = field(default_factory=dict)
    locale: str = ""
    at: int | None = None
    labels: list[str] | None = None


def parse_line(row: Row) -> Iterator[Breach]:
    """Whether the line is a JSON object."""
    if row.value:
        return
    try:
        value = orjson.loads(row.line)
    except orjson.JSONDecodeError as error:
        yield _explain_json(row.line, error)
        return
    if not isinstance(value, dict):
        kind = _kind(value)
        if isinstance(value, list) or row.line.lstrip()[:1] == b"[":
            yield rules.NOT_LINES, Finding("a list", "an object", "write one object a line")
        else:
            yield rules.NOT_OBJECT, Finding(kind, "an object", excerpt=_cut(row.line))
        return
    row.value = value


def _explain_json(line: bytes, error: orjson.JSONDecodeError) -> Breach:
    start = line.lstrip()
    message = error.msg
    if line.startswith(b"\xef\xbb\xbf"):
        return rules.BOM, Finding("a byte order mark", todo="save the file as UTF-8 without BOM")
    if "UTF-8" in message:
        try:
            line.decode()
        except UnicodeDecodeError as bad:
            finding = Finding(
                f"byte {bad.start + 1} of the line is not UTF-8 (0x{line[bad.start]:02x})",
                todo="save the file as UTF-8",
                excerpt=_around(line, bad.start),
            )
            return rules.NOT_UTF8, finding
    if "surrogate" in message:
        return rules.SURROGATE, Finding(
            "half of a surrogate pair", "whole characters", excerpt=_around(line, error.pos)
        )
    if "depth limit" in message:
        return rules.TOO_DEEP, Finding("more than 1,000 brackets in each other")
    if "infinity" in message or (start[:1] and _names_number(line, error.pos)):
        return rules.NUMBER, Finding(
            "a number that JSON cannot hold",
            todo="no field here is a number",
            excerpt=_around(line, error.pos),
        )
    if start in {b"[", b"{", b"[\r", b"{\r"} or start.rstrip() in {b"[", b"{"}:
        return rules.NOT_LINES, Finding(
            f"a line with nothing but {start.strip().decode()!r}",
            "one object a line",
            "write it without indentation",
        )
    return rules.NOT_JSON, Finding(f"not JSON: {message}", excerpt=_around(line, error.pos))


def _names_number(line: bytes, at: int) -> bool:
    rest = line[at : at + 9]
    return rest.startswith((b"NaN", b"Infinity", b"-Infinity", b"nfinity"))


def duplicate_keys(line: bytes) -> Iterator[Breach]:
    """Whether a key stands in the object twice; which of the two would count is not defined."""
    twice: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: set[str] = set()
        for key, _ in found:
            if key in seen and not twice:
                twice.append(key)
            seen.add(key)
        return {}

    try:
        json.loads(line, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return
    for key in twice:
        yield rules.DUPLICATE_KEY, Finding(f"the key {_short(key)} twice", "each key once")


def fields(row: Row) -> Iterator[Breach]:
    """Whether the fields are there and of their types."""
    value = row.value
    if len(value) > MANY:
        yield rules.MISTYPED, Finding(f"an object of {len(value):,} fields", f"at most {MANY}")
    for name in NEEDED:
        if name not in value:
            todo = partial(_rename, name, value)
            yield rules.MISSING_FIELD, Finding(f"no {name!r}", "a string", todo)
        elif not isinstance(value[name], str):
            yield rules.MISTYPED, _mistyped(name, value[name], "a string")
    if not _is_strings(value.get("utt")):
        yield rules.MISTYPED, _mistyped("utt", value["utt"], "a list of strings, the tokens")
        del value["utt"]
    if not _is_slots(value.get("pred_slots")):
        yield rules.MISTYPED, _mistyped("pred_slots", value["pred_slots"], "[[text, slot], ...]")
        del value["pred_slots"]


def _rename(name: str, value: dict[str, Any]) -> str:
    near = [wrong for wrong, right in _WRONG_NAMES.items() if right == name and wrong in value]
    others = [key[:_EXCERPT] for key in list(value)[:_EXCERPT] if key not in KNOWN]
    close = [*near, *difflib.get_close_matches(name, others, 1)]
    return f"rename {_short(close[0])}" if close else "add it to every line"


def _mistyped(name: str, value: object, expected: str) -> Finding:
    todo = None
    if name == "id" and isinstance(value, int):
        todo = f'write "{value}" in quotes'
    elif name == "utt" and isinstance(value, str):
        todo = "split it into tokens, or leave utt out"
    elif name == "pred_slots" and isinstance(value, list) and len(value) > MANY:
        return Finding(f"pred_slots of {len(value):,} slots", f"at most {MANY:,}")
    return Finding(f"{name} is {_kind(value)}", expected, todo)


def extra_fields(row: Row) -> Iterator[Breach]:
    """Fields that nothing reads."""
    for key in row.value:
        if key not in KNOWN:
            todo = partial(_mean, key, tuple(sorted(KNOWN)))
            yield rules.EXTRA_FIELD, Finding(f"unknown field {_short(key)}", todo=todo)
            return


def intent(row: Row, index: TaskIndex) -> Iterator[Breach]:
    """Whether the intent is one of the task's."""
    name = row.value["pred_intent"]
    intents = index.inventory.intents
    if name not in index.inventory.intent_index:
        todo = partial(_mean, name, intents)
        finding = Finding(
            f"unknown intent {_short(name)}", f"one of the {len(intents)} intents", todo
        )
        yield rules.UNKNOWN_INTENT, finding


def place(row: Row, index: TaskIndex) -> Iterator[Breach]:
    """Whether the row belongs to the task; finds its place there."""
    given = row.value["locale"]
    row.locale = canonical_locale(given)
    if row.locale not in index.rows:
        yield from _wrong_locale(given, row.locale, index)
        return
    if row.locale != given:
        yield rules.ALIAS, Finding(f"locale {given!r}", todo=f"read as {row.locale!r}")
    number = row.value["id"]
    row.at = index.rows[row.locale].get(number)
    if row.at is None:
        yield rules.UNKNOWN_ID, _unknown_id(number, row.locale, index)


def _wrong_locale(given: str, locale: str, index: TaskIndex) -> Iterator[Breach]:
    if locale in index.train_locales:
        yield (
            rules.WRONG_LOCALE,
            Finding(
                f"{locale} is what {index.task} trains on",
                f"the {len(index.locales)} test locales",
                "leave its rows out",
            ),
        )
    elif locale in index.languages:
        yield (
            rules.WRONG_LOCALE,
            Finding(
                f"{locale} is no test locale of {index.task}",
                f"its {len(index.locales)} test locales",
                "leave its rows out, or check --task",
            ),
        )
    else:
        yield (
            rules.UNKNOWN_LOCALE,
            Finding(
                f"unknown locale {_short(given)}",
                "a code such as de-DE",
                partial(_mean_locale, given, index),
            ),
        )


def _unknown_id(number: str, locale: str, index: TaskIndex) -> Finding:
    for partition, ids in index.other_ids.items():
        if number in ids:
            return Finding(
                f"id {_short(number)} is of the {partition} partition",
                f"ids of {index.partition}",
                f"predict the {index.partition} partition",
            )
    found = Finding(f"{locale} has no id {_short(number)}", f"an id of {index.partition}")
    trimmed = number.strip().lstrip("0") or "0"
    if trimmed != number and trimmed in index.rows[locale]:
        return Finding(found.found, found.expected, f"did you mean {trimmed!r}?")
    return found


def notation(row: Row, index: TaskIndex) -> Iterator[Breach]:
    """Whether the brackets can be read, and whether their slots are the task's."""
    text = row.value["pred_annot_utt"]
    try:
        parse(text)
    except NotationError as error:
        message = str(error)
        if "inside of a slot" in message:
            rule = rules.NESTED
        elif "is empty" in message:
            rule = rules.EMPTY_SLOT
        elif "without its" in message:
            rule = rules.UNBALANCED
        else:
            rule = rules.NO_SLOT
        yield rule, Finding(message, "[slot : value]", excerpt=_window(text, error.offset))
        return
    found = annotation_reading.pieces(text)
    unknown = {p.slot for p in found if p.slot not in index.inventory.label_index}
    if "[" in text and any(match[0] == OTHER for match in annotation_reading.SLOT.findall(text)):
        unknown.add(OTHER)
    for slot in sorted(unknown):
        if slot == OTHER:
            todo: str | Callable[[], str | None] = "write such tokens without brackets"
        else:
            todo = partial(_mean, slot, index.inventory.slots)
        expected = f"one of the {len(index.inventory.slots)} slots"
        yield rules.UNKNOWN_SLOT, Finding(f"unknown slot {_short(slot)}", expected, todo)
    yield from _align(row, index, found)
    yield from _slots(row, found)


def _align(row: Row, index: TaskIndex, found: list[annotation_reading.Piece]) -> Iterator[Breach]:
    if row.at is None:
        return
    expected = int(index.token_counts[row.at])
    utt = row.value.get("utt")
    characters = row.locale in index.character_locales
    reading = annotation_reading.read(found, characters=False)
    # Tokens joined by spaces, as the original writes them, come first; text as in the data second.
    if len(reading.tokens) == expected:
        row.labels = reading.labels
    by_character = annotation_reading.read(found, characters=characters)
    if row.labels is None and len(by_character.tokens) == expected:
        row.labels = by_character.labels
    if row.labels is None and utt is not None and len(utt) == expected:
        row.labels = annotation_reading.regroup(reading, utt)
        if row.labels is not None:
            token = next(token for token in utt if len(token.split()) > 1)
            yield rules.INNER_SPACE, Finding(f"the token {_short(token)} holds white space")
    if row.labels is None:
        unit = ""
        if characters:
            reading, unit = by_character, " (characters, Latin words whole)"
        yield (
            rules.TOKEN_COUNT,
            Finding(
                _tokens(len(reading.tokens)),
                f"{_tokens(expected)}{unit}",
                "keep one label for each token of the utterance",
                _window(row.value["pred_annot_utt"], 0),
            ),
        )
    elif utt is not None and len(utt) != expected:
        yield rules.UTT_COUNT, Finding(f"utt has {_tokens(len(utt))}", f"{expected}")


def _slots(row: Row, found: list[annotation_reading.Piece]) -> Iterator[Breach]:
    given = row.value.get("pred_slots")
    if given is None:
        return
    right = annotation_reading.slot_list(found)
    if [_bare(pair) for pair in given] != [_bare(pair) for pair in right]:
        yield (
            rules.SLOTS_DISAGREE,
            Finding(
                f"pred_slots {_short(given)}",
                f"{_short(right)} by pred_annot_utt",
                "write both from one source",
            ),
        )


def _bare(pair: list[str]) -> tuple[str, str]:
    # White space inside of a value is no difference: characters may be joined or not.
    return "".join(pair[0].split()), pair[1]


def _is_strings(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(v, str) for v in value))


def _is_slots(value: object) -> bool:
    return value is None or (
        isinstance(value, list)
        and len(value) <= MANY
        and all(isinstance(v, list) and len(v) == 2 and _is_strings(v) for v in value)  # noqa: PLR2004 - a pair
    )


@lru_cache(maxsize=1000)
def _mean(name: str, known: tuple[str, ...]) -> str | None:
    near = difflib.get_close_matches(name[:100].lower(), known, 1)
    return f"did you mean {near[0]!r}?" if near else None


def _mean_locale(given: str, index: TaskIndex) -> str | None:
    wanted = given[:20].replace("_", "-").lower()
    for locale in index.locales:
        if locale.lower() == wanted or locale.partition("-")[0] == wanted:
            return f"did you mean {locale!r}?"
    return _mean(given, index.locales)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    for kind, name in ((str, "a string"), (int, "a number"), (float, "a number"), (list, "a list")):
        if isinstance(value, kind):
            return f"{name}, {_short(value)}" if kind is not list else name
    return "an object"


def _tokens(count: int) -> str:
    return "1 token" if count == 1 else f"{count:,} tokens"


def _short(value: object) -> str:
    text = repr(value[:_EXCERPT]) if isinstance(value, str | list) else repr(value)
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}..."


def _cut(line: bytes) -> str:
    return line[:_EXCERPT].decode("utf-8", "replace")


def _around(line: bytes, at: int) -> str:
    start = max(0, at - 40)
    return line[start : start + 80].decode("utf-8", "replace")


def _window(text: str, at: int) -> str:
    start = max(0, at - 40)
    return text[start : start + _EXCERPT]
