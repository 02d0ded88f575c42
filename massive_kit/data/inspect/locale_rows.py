"""All rows of a locale, as checks and statistics look at them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from massive_kit.data.label_columns import label_integers
from massive_kit.data.spans import find_spans
from massive_kit.data.store import Store

Counts = NDArray[np.int64]

COLUMNS = (
    *("id", "partition", "scenario", "intent", "utt", "annot_utt"),
    *("labels", "boundaries", "judgments"),
)
# The backslash first: an escaped one escapes nothing.
_PRIVATE = {"\\": "\uf8fd", "[": "\uf8fe", "]": "\uf8ff"}
PRIVATE_CHARACTERS = "".join(_PRIVATE.values())
# Words with single spaces between; a colon alone is no word of a name.
_WORD = r"[^\s\[\]]*[^\s\[\]:][^\s\[\]]*"
NAME = rf"{_WORD}( {_WORD})*"
_SLOT = rf"\[\s*(?:{NAME}\s+:\s|[^\s\[\]:]+\s*:)([^\[\]]*?)\s*\]"


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
    def notation(self) -> Any:
        """The annotated text with private characters for escaped ones, so that brackets are slots'.

        `unescaped` undoes it.
        """
        text = self.annotated
        if pc.any(pc.match_substring(text, "\\")).as_py():
            for escaped, private in _PRIVATE.items():
                text = pc.replace_substring(text, f"\\{escaped}", private)
        return text

    @cached_property
    def respaced(self) -> NDArray[np.bool_]:
        """Shape (n,), whether the annotated text is not the utterance, which it is but for spaces.

        Rows without labels are not.
        """
        plain = unescaped(pc.replace_substring_regex(self.notation, _SLOT, r"\2"))
        differs = pc.and_(self.column("annot_utt").is_valid(), pc.not_equal(plain, self.utterances))
        return np.asarray(differs.to_numpy(zero_copy_only=False), bool)

    @cached_property
    def span_rows(self) -> tuple[NDArray[np.int32], list[str], NDArray[np.integer[Any]]]:
        """The row of every span, the slots' names, and the position of each span's among them."""
        inventory = self.store.inventory
        labels = label_integers(self.column("labels"), self.column("boundaries"), inventory)
        spans = find_spans(labels.flat, labels.offsets, inventory)
        return spans.row, list(inventory.slots), spans.label - 1

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


def unescaped(text: Any) -> Any:
    """Text of `LocaleRows.notation` with the characters that the private ones stand for."""
    for escaped, private in _PRIVATE.items():
        text = pc.replace_substring(text, private, escaped)
    return text


def _weight(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
