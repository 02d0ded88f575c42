"""What can be counted in the rows of one locale; each check gives a number per row.

The names are those of the report; what they found in MASSIVE 1.1 is held by a test.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from massive_kit.data.inspect.locale_rows import NAME, Counts, LocaleRows
from massive_kit.data.inspect.slot_edges import inside_tokens
from massive_kit.data.judgments import majority_below
from massive_kit.data.tokens import alexa_labels

# A warning is worth a look in any corpus; a fact is what a user of the data should know.
Level = Literal["warning", "fact"]
# Colons of text and values are no notation.
_STRICT = rf"^([^\[\]]|\[{NAME} : [^\[\]\s]([^\[\]]*[^\[\]\s])?\])*$"


@cache
def unicode_scripts() -> dict[str, tuple[str, ...]]:
    """The Unicode scripts, as RE2 names them, of each ISO 15924 code in `scripts.csv`."""
    path = Path(__file__).with_name("scripts.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            row["script"]: tuple(row["unicode_scripts"].split()) for row in csv.DictReader(stream)
        }


@dataclass(frozen=True, slots=True)
class RowCheck:
    """Something to count.

    Attributes:
        name: Its key in reports.
        title: What is counted, for people.
        level: Whether to worry.
        find: A number for every row, or `None` where the question does not arise.
    """

    name: str
    title: str
    level: Level
    find: Callable[[LocaleRows], Counts | None]


def _mask(values: Any) -> Counts:
    return np.asarray(values.fill_null(False).to_numpy(zero_copy_only=False), np.int64)


def _holds(text: str) -> Callable[[LocaleRows], Counts]:
    return lambda rows: _mask(pc.match_substring(rows.utterances, text))


def _matches(pattern: str) -> Callable[[LocaleRows], Counts]:
    return lambda rows: _mask(pc.match_substring_regex(rows.utterances, pattern))


def _spaces(rows: LocaleRows) -> Counts:
    pattern = r"\s\s|^\s|\s$"
    spaced = _mask(pc.match_substring_regex(rows.utterances, pattern))
    return np.asarray(spaced | _mask(pc.match_substring_regex(rows.annotated, pattern)))


def _not_strict(rows: LocaleRows) -> Counts:
    return 1 - _mask(pc.match_substring_regex(rows.notation, _STRICT))


def _slots(rows: LocaleRows) -> Counts:
    return np.asarray(pc.count_substring(rows.notation, "[").to_numpy(), np.int64)


def _touching(rows: LocaleRows) -> Counts:
    touching = pc.count_substring_regex(rows.notation, r"\]\s*\[").to_numpy()
    return np.asarray(touching, np.int64) - _merged(rows)


def _merged(rows: LocaleRows) -> Counts:
    spans = np.bincount(rows.span_rows[0], minlength=len(rows))
    merged = np.maximum(_slots(rows) - spans, 0)
    if rows.store.inventory.scheme == "brackets":
        merged = merged + pc.list_value_length(rows.column("boundaries")).fill_null(0).to_numpy()
    return np.asarray(merged, np.int64)


def _not_utterance(rows: LocaleRows) -> Counts:
    return rows.respaced.astype(np.int64)


def _upper(rows: LocaleRows) -> Counts:
    return _mask(pc.not_equal(pc.utf8_lower(rows.utterances), rows.utterances))


def _not_nfc(rows: LocaleRows) -> Counts:
    normal = pc.utf8_normalize(rows.utterances, form="NFC")
    return _mask(pc.not_equal(normal, rows.utterances))


def _other_script(rows: LocaleRows) -> Counts | None:
    names = unicode_scripts().get(rows.script or "")
    if names is None:
        return None
    pattern = "|".join(rf"\p{{{name}}}" for name in names)
    return 1 - _mask(pc.match_substring_regex(rows.utterances, pattern))


def _twice(rows: LocaleRows) -> Counts:
    """Every row but the first with a text that its partition holds more than once."""
    repeated = np.ones(len(rows), np.int64)
    keys = pc.binary_join_element_wise(rows.column("partition"), rows.utterances, "\t")
    codes = keys.dictionary_encode().indices.to_numpy()
    repeated[np.unique(codes, return_index=True)[1]] = 0
    return repeated


def _leaked(rows: LocaleRows) -> Counts | None:
    partitions = rows.column("partition")
    train = rows.utterances.filter(pc.equal(partitions, "train"))
    if not len(train):
        return None
    in_train = _mask(pc.is_in(rows.utterances, value_set=train))
    return np.asarray(in_train & _mask(pc.equal(partitions, "test")))


def _as_reference(rows: LocaleRows) -> Counts | None:
    if rows.reference is None:
        return None
    other = rows.reference.utterances.take(_pointers(rows))
    return _mask(pc.equal(rows.utterances, other))


def _other_slots(rows: LocaleRows) -> Counts | None:
    if rows.reference is None:
        return None
    where = rows.reference_rows
    differ = rows.multisets != rows.reference.multisets[where]
    return np.asarray(differ & (where >= 0), np.int64)


def _other_intent(rows: LocaleRows) -> Counts | None:
    if rows.reference is None:
        return None
    other = rows.reference.column("intent").take(_pointers(rows))
    return _mask(pc.not_equal(rows.column("intent"), other))


def _pointers(rows: LocaleRows) -> Any:
    where = rows.reference_rows
    return pa.array(where, mask=where < 0)


def _scenario(rows: LocaleRows) -> Counts:
    intents, scenarios = rows.column("intent").to_pylist(), rows.column("scenario").to_pylist()
    pairs = list(zip(intents, scenarios, strict=True))
    # A store has few pairs of labels, so each is looked at once.
    foreign = {
        (intent, scenario): bool(intent and scenario and not intent.startswith(f"{scenario}_"))
        for intent, scenario in set(pairs)
    }
    return np.array([foreign[pair] for pair in pairs], np.int64)


def _mislabelled(rows: LocaleRows) -> Counts | None:
    if rows.locale not in rows.store.character_locales:
        return None
    texts, labels = rows.annotated.to_pylist(), rows.column("labels").to_pylist()
    pairs = zip(texts, labels, strict=True)
    wrong = [given is not None and alexa_labels(text) != given for text, given in pairs]
    return np.array(wrong, np.int64)


def _rejected(rows: LocaleRows) -> Counts | None:
    rejected = majority_below(rows.column("judgments"), "intent_score", 1)
    return None if rejected is None else np.asarray(rejected, np.int64)


ROW_CHECKS = (
    RowCheck("slots", "slots annotated", "fact", _slots),
    RowCheck("touching_slots", "slots of different type that touch", "fact", _touching),
    RowCheck("merged_slots", "slots that touch one of the same type", "warning", _merged),
    RowCheck("widened", "rows with a slot that ends inside a token", "warning", inside_tokens),
    RowCheck("loose_notation", "rows not strictly [slot : value]", "warning", _not_strict),
    RowCheck("brackets", "utterances with a bracket or colon", "warning", _matches(r"[\[\]:]")),
    RowCheck("spaces", "rows with a double or outer space", "warning", _spaces),
    RowCheck("empty", "empty utterances", "warning", _matches(r"^\s*$")),
    RowCheck("upper_case", "utterances with upper case", "fact", _upper),
    RowCheck("respaced", "rows whose annotation is spaced otherwise", "fact", _not_utterance),
    RowCheck("foreign_scenario", "intents that lack their scenario's name", "fact", _scenario),
    RowCheck("not_nfc", "utterances not in NFC", "fact", _not_nfc),
    RowCheck("zwsp", "utterances with a zero-width space", "fact", _holds("\u200b")),
    RowCheck("zwnj", "utterances with a zero-width non-joiner", "fact", _holds("\u200c")),
    RowCheck("zwj", "utterances with a zero-width joiner", "fact", _holds("\u200d")),
    RowCheck("lrm", "utterances with a left-to-right mark", "fact", _holds("\u200e")),
    RowCheck("rlm", "utterances with a right-to-left mark", "fact", _holds("\u200f")),
    RowCheck("repeated", "utterances that their partition already has", "fact", _twice),
    RowCheck("test_in_train", "test utterances that stand in train too", "warning", _leaked),
    RowCheck("other_script", "utterances without a letter of the script", "fact", _other_script),
    RowCheck("as_english", "utterances identical to the reference's", "fact", _as_reference),
    RowCheck("other_slots", "rows whose slots differ from the reference's", "fact", _other_slots),
    RowCheck("other_intent", "rows whose intent is not the reference's", "warning", _other_intent),
    RowCheck("alexa_defect", "rows that the original labels wrongly", "fact", _mislabelled),
    RowCheck("judged_wrong", "rows whose intent most judges call wrong", "fact", _rejected),
)
