"""What can be wrong with one row: small functions, each for one rule or a few that exclude others.

Only lines that the fast reader does not take at once come here, so these functions may take their
time.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from massive_kit.data.inventory import Inventory
from massive_kit.submission import rules
from massive_kit.submission.checked_line import CheckedLine
from massive_kit.submission.excerpts import LONGEST, did_you_mean, meant_label, short, type_of
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.intent_numbers import is_number, number_hint
from massive_kit.submission.locale_reading import LocaleReading
from massive_kit.submission.report import Violation

_NEEDED = ("id", "locale", "pred_intent", "pred_annot_utt")
KNOWN = frozenset({*_NEEDED, "utt", "pred_slots"})
# Fields of a line, or slots: no utterance has a tenth of it, and an attack is cut short.
MANY = 1_000
_WRONG_NAMES = {"intent": "pred_intent", "annot_utt": "pred_annot_utt", "slots": "pred_slots"}


def needed(inventory: Inventory) -> tuple[str, ...]:
    """What a line must have: no intent where the data have none, no annotation without slots."""
    has = {"pred_intent": inventory.intents, "pred_annot_utt": inventory.slots}
    return tuple(name for name in _NEEDED if has.get(name, True))


def fields(line: CheckedLine, index: TaskIndex) -> Iterator[Violation]:
    """Whether the fields are there and of their types."""
    value = line.value
    if len(value) > MANY:
        words = f"an object of {len(value):,} fields"
        yield Violation(rules.MISTYPED, words, f"at most {MANY:,}")
    must = needed(index.inventory)
    for name in _NEEDED:
        # What is named without need is told of below, if it is not read.
        if name not in must and (value.get(name) is None or name == "pred_intent"):
            continue
        if name not in value:
            todo = partial(_rename, name, value)
            yield Violation(rules.MISSING_FIELD, f"no {name!r}", "a string", todo)
        elif not isinstance(value[name], str):
            yield _mistyped(name, value[name], "a string", index)
    if not _is_strings(value.get("utt")):
        yield _mistyped("utt", value["utt"], "a list of strings, the tokens")
        del value["utt"]
    if not _is_slots(value.get("pred_slots")):
        yield _mistyped("pred_slots", value["pred_slots"], "[[text, slot], ...]")
        del value["pred_slots"]


def _rename(name: str, value: dict[str, Any]) -> str:
    near = [wrong for wrong, right in _WRONG_NAMES.items() if right == name and wrong in value]
    others = [key[:LONGEST] for key in list(value)[:LONGEST] if key not in KNOWN]
    close = [*near, *difflib.get_close_matches(name, others, 1)]
    return f"rename {short(close[0])}" if close else "add it to every line"


def _mistyped(name: str, value: object, expected: str, index: TaskIndex | None = None) -> Violation:
    todo: str | Callable[[], str | None] | None = None
    if name == "id" and isinstance(value, int):
        todo = f'write "{value}" in quotes'
    elif name == "pred_intent" and is_number(value) and index is not None:
        todo = partial(number_hint, value, index.inventory.intents)
    elif name == "utt" and isinstance(value, str):
        todo = "split it into tokens, or leave utt out"
    elif name == "pred_slots" and isinstance(value, list) and len(value) > MANY:
        words = f"pred_slots of {len(value):,} slots"
        return Violation(rules.MISTYPED, words, f"at most {MANY:,}")
    return Violation(rules.MISTYPED, f"{name} is {type_of(value)}", expected, todo)


def extra_fields(line: CheckedLine, index: TaskIndex) -> Iterator[Violation]:
    """Fields that nothing reads; only the first is listed."""
    if line.value.get("pred_intent") is not None and not index.inventory.intents:
        words = "pred_intent, and the data have no intents"
        yield Violation(rules.EXTRA_FIELD, words)
    for key in line.value:
        if key not in KNOWN:
            todo = partial(did_you_mean, key, tuple(sorted(KNOWN)))
            yield Violation(rules.EXTRA_FIELD, f"unknown field {short(key)}", todo=todo)
            return


def intent(line: CheckedLine, index: TaskIndex) -> Iterator[Violation]:
    """Whether the intent is one of the task's."""
    name = line.value["pred_intent"]
    intents = index.inventory.intents
    if intents and name not in index.inventory.intent_index:
        words, expected = f"unknown intent {short(name)}", f"one of the {len(intents)} intents"
        final = index.labels_are_final
        todo: Callable[[], str | None] = partial(meant_label, name, intents, final=final)
        if is_number(name):
            todo = partial(number_hint, name, intents)
        yield Violation(rules.UNKNOWN_INTENT, words, expected, todo)


def locate_row(line: CheckedLine, index: TaskIndex, locales: LocaleReading) -> Iterator[Violation]:
    """Whether the row belongs to the task; finds its row in the index."""
    if line.locale not in index.rows:
        yield locales.wrong(line.value["locale"])
        return
    number = line.value["id"]
    line.row = index.rows[line.locale].get(number)
    if line.row is None:
        yield _unknown_id(number, line.locale, index)


def _unknown_id(number: str, locale: str, index: TaskIndex) -> Violation:
    for partition, ids in index.other_ids.items():
        if number in ids:
            return Violation(
                rules.UNKNOWN_ID,
                f"id {short(number)} is of the {partition} partition",
                f"ids of {index.partition}",
                f"predict the {index.partition} partition",
            )
    if number in index.unscored_ids:
        count = len(index.rows[locale])
        return Violation(
            rules.UNKNOWN_ID,
            f"id {short(number)} is not among the {count:,} that {index.task} scores",
            f"those {count:,} ids of {index.partition}",
            f"leave out the other rows, or name the task that scores all of {index.partition}",
        )
    words, expected = f"{locale} has no id {short(number)}", f"an id of {index.partition}"
    trimmed = number.strip().lstrip("0") or "0"
    meant = trimmed != number and trimmed in index.rows[locale]
    todo = f"did you mean {trimmed!r}?" if meant else None
    return Violation(rules.UNKNOWN_ID, words, expected, todo)


def _is_strings(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(v, str) for v in value))


def _is_slots(value: object) -> bool:
    return value is None or (
        isinstance(value, list)
        and len(value) <= MANY
        and all(isinstance(v, list) and len(v) == 2 and _is_strings(v) for v in value)  # noqa: PLR2004 - a pair
    )
