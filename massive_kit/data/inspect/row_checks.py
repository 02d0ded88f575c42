"""What can be counted in the rows of one locale; each check gives a number per row.

The names are those of the report; what they found in MASSIVE 1.1 is held by a test.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from massive_kit.data.judgments import majority_below
from massive_kit.data.spans import find_spans
from massive_kit.data.store import Store
from massive_kit.data.tokens import OTHER, alexa_labels

# A warning is worth a look in any corpus; a fact is what a user of the data should know.
Level = Literal["warning", "fact"]
Counts = NDArray[np.int64]

COLUMNS = ("id", "partition", "scenario", "intent", "utt", "annot_utt", "labels", "judgments")
_STRICT = r"^([^\[\]:]|\[[^\s\[\]:]+ : [^\[\]:\s]([^\[\]:]*[^\[\]:\s])?\])*$"
_SLOT = r"\[[^\s\[\]:]+\s*:\s*([^\[\]]*?)\s*\]"


@cache
def unicode_scripts() -> dict[str, tuple[str, ...]]:
    """The Unicode scripts, as RE2 names them, of each ISO 15924 code in `scripts.csv`."""
    path = Path(__file__).with_name("scripts.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            row["script"]: tuple(row["unicode_scripts"].split()) for row in csv.DictReader(stream)
        }


@dataclass(frozen=True)
class LocaleRows:
    """All rows of a locale, partition after partition.

    Attributes:
        store: Where they are from.
        locale: Its code.
        table: The rows, with `COLUMNS`.
        script: ISO 15924 code of the script expected, or `None`.
        reference: The rows of the locale that others are compared with, or `None`.
    """

    store: Store
    locale: str
    table: pa.Table
    script: str | None = None
    reference: LocaleRows | None = None

    @classmethod
    def load(
        cls, store: Store, locale: str, script: str | None, reference: LocaleRows | None = None
    ) -> LocaleRows:
        """Reads them."""
        names = sorted(store.parts[locale])
        tables = [store.read(name, [locale], COLUMNS) for name in names]
        return cls(store, locale, pa.concat_tables(tables).combine_chunks(), script, reference)

    def __len__(self) -> int:
        return len(self.table)

    def column(self, name: str) -> Any:
        """A column as one array."""
        column = self.table.column(name)
        return column.chunk(0) if column.num_chunks else pa.array([], column.type)

    @cached_property
    def utterances(self) -> Any:
        """The plain text."""
        return self.column("utt")

    @cached_property
    def annotated(self) -> Any:
        """The annotated text, "" where there is none."""
        return self.column("annot_utt").fill_null("")

    @cached_property
    def span_rows(self) -> tuple[NDArray[np.int32], list[str], NDArray[np.integer[Any]]]:
        """The row of every span (maximal run of a label), the names, and each span's name."""
        lists = self.column("labels")
        offsets = lists.offsets.to_numpy().astype(np.int64)
        encoded = lists.flatten().dictionary_encode()
        codes = encoded.indices.to_numpy()
        names = encoded.dictionary.to_pylist()
        # Spans are found among integers that are 0 for `Other`.
        other = names.index(OTHER) if OTHER in names else -1
        spans = find_spans(np.where(codes == other, 0, codes + 1), offsets - offsets[0])
        return spans.row, names, spans.label - 1

    @cached_property
    def multisets(self) -> NDArray[np.uint64]:
        """A number per row, equal for equal multisets of slots (else with a chance of 2**-64)."""
        rows, names, codes = self.span_rows
        # One fixed random number for each name, the same in every locale.
        weights = np.array([_weight(name) for name in names], np.uint64)
        sums = np.zeros(len(self), np.uint64)
        if len(rows):
            np.add.at(sums, rows, weights[codes])
        return sums

    @cached_property
    def reference_rows(self) -> Counts:
        """The row of the reference with the same id, or -1."""
        if self.reference is None:
            return np.full(len(self), -1)
        ids, reference_ids = self.column("id"), self.reference.column("id")
        if ids.equals(reference_ids):
            return np.arange(len(self))
        return np.asarray(pc.index_in(ids, reference_ids).fill_null(-1).to_numpy(), np.int64)


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
    return 1 - _mask(pc.match_substring_regex(rows.annotated, _STRICT))


def _slots(rows: LocaleRows) -> Counts:
    return np.asarray(pc.count_substring(rows.annotated, "[").to_numpy(), np.int64)


def _touching(rows: LocaleRows) -> Counts:
    touching = pc.count_substring_regex(rows.annotated, r"\]\s*\[").to_numpy()
    return np.asarray(touching, np.int64) - _merged(rows)


def _merged(rows: LocaleRows) -> Counts:
    spans = np.bincount(rows.span_rows[0], minlength=len(rows))
    return np.asarray(np.maximum(_slots(rows) - spans, 0))


def _not_utterance(rows: LocaleRows) -> Counts:
    labelled = _mask(rows.column("annot_utt").is_valid())
    plain = pc.replace_substring_regex(rows.annotated, _SLOT, r"\1")
    return np.asarray(labelled & _mask(pc.not_equal(plain, rows.utterances)))


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


def _weight(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")


ROW_CHECKS = (
    RowCheck("slots", "slots annotated", "fact", _slots),
    RowCheck("touching_slots", "slots of different type that touch", "fact", _touching),
    RowCheck("merged_slots", "slots that touch one of the same type", "warning", _merged),
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
