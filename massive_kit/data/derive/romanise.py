"""Utterances in Latin letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pyarrow as pa

from massive_kit.data.derivation import (
    Derivation,
    DerivationReport,
    ReportTable,
    Transform,
    parameter,
)
from massive_kit.data.rewriting import phrases_of, rendered
from massive_kit.data.romanising import Romaniser
from massive_kit.data.store import SCHEMA, Store
from massive_kit.data.tokens import OTHER
from massive_kit.errors import MissingDataError

_REWRITTEN = ("utt", "annot_utt", "tokens")


@dataclass(frozen=True, slots=True)
class Romanise(Transform):
    """Which partitions to write in Latin letters, and what writes.

    Attributes:
        partitions: The partitions that are romanised; all where none is named. Others are taken
            over whole.
        romaniser: What writes.
    """

    description: ClassVar[str] = (
        "Write utterances in Latin letters, for tokenizers that have never seen their script.\n\n"
        "Token by token, with uroman (extra `romanise`): ids, intents, labels and the number of"
        " tokens stay, so that predictions for the new store are valid for the old one. Latin text"
        " stays as it is. Words that differ in their own script may become the same."
    )

    partitions: tuple[str, ...] = parameter(
        (), "What to romanise; repeatable. Default: all.", "--partition"
    )
    romaniser: Romaniser = field(
        default_factory=Romaniser.uroman, metadata={"recorded": False}, repr=False
    )

    def software(self) -> tuple[str, ...]:
        """The romaniser."""
        return (self.romaniser.name,)

    def id_endings(self, stores: Sequence[Store]) -> tuple[str, ...]:
        """None: a row in other letters is the row."""
        del stores
        return ()

    def derivation(self, stores: Sequence[Store], locales: Sequence[str]) -> Derivation:
        """The rows in Latin letters.

        Raises:
            MissingDataError: No locale has one of the partitions.
        """
        (store,) = stores
        absent = {*self.partitions}.difference(*(store.parts[locale] for locale in locales))
        if absent:
            names = ", ".join(sorted(absent))
            raise MissingDataError(f"the store {store.name} has no partition {names}")

        def rows(locale: str, partition: str) -> pa.Table:
            table = store.read(partition, [locale])
            return self._romanised(store, locale, table) if self._takes(partition) else table

        return Derivation(
            {locale: tuple(store.parts[locale]) for locale in locales},
            rows,
            store.inventory,
            store.character_locales & {*locales},
            _report([self._words(store, locale) for locale in locales]),
        )

    def _takes(self, partition: str) -> bool:
        return not self.partitions or partition in self.partitions

    def _words(self, store: Store, locale: str) -> _Words:
        """What becomes of the words of a locale."""
        characters = locale in store.character_locales
        tokens, changed = 0, 0
        written: dict[str, str] = {}
        for partition in filter(self._takes, store.parts[locale]):
            for row in store.read(partition, [locale], ["tokens"]).column("tokens").to_pylist():
                latin = self.romaniser.tokens(row, locale, characters=characters)
                tokens += len(row)
                changed += sum(new != old for new, old in zip(latin, row, strict=True))
                written |= zip(row, latin, strict=True)
        return _Words(locale, tokens, changed, len(written), len({*written.values()}))

    def _romanised(self, store: Store, locale: str, table: pa.Table) -> pa.Table:
        characters = locale in store.character_locales
        columns: dict[str, list[Any]] = {name: [] for name in _REWRITTEN}
        read = (table.column(name).to_pylist() for name in ("tokens", "labels", "boundaries"))
        for tokens, labels, boundaries in zip(*read, strict=True):
            latin = self.romaniser.tokens(tokens, locale, characters=characters)
            phrases = phrases_of(latin, labels or [OTHER] * len(latin), boundaries)
            text, annotated = rendered(phrases, characters=characters)
            values = (text, None if labels is None else annotated, latin)
            for column, value in zip(columns.values(), values, strict=True):
                column.append(value)
        for name, cells in columns.items():
            entry = SCHEMA.field(name)
            table = table.set_column(
                SCHEMA.get_field_index(name), entry, pa.array(cells, entry.type)
            )
        return table


@dataclass(frozen=True, slots=True)
class _Words:
    """What becomes of the words of a locale.

    Attributes:
        locale: The locale.
        tokens: How many tokens there are.
        changed: How many of these are written otherwise now.
        distinct: How many different tokens there were.
        distinct_after: How many there are now.
    """

    locale: str
    tokens: int
    changed: int
    distinct: int
    distinct_after: int


def _report(words: Sequence[_Words]) -> DerivationReport:
    facts = {
        entry.locale: {
            "tokens": entry.tokens,
            "romanised": entry.changed,
            "distinct": entry.distinct,
            "distinct_after": entry.distinct_after,
        }
        for entry in words
    }
    head = ("language", "tokens", "romanised", "different ones before", "and after")
    lines = tuple(
        (locale, *(f"{number:,}" for number in counts.values())) for locale, counts in facts.items()
    )
    return DerivationReport({"languages": facts}, table=ReportTable(head, lines))
