"""Rows made of other rows by changing words and keeping labels."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from massive_kit.data import notation
from massive_kit.data.notation import Segment
from massive_kit.data.span_schemes import runs_of, scheme_labels
from massive_kit.data.store import SCHEMA, Store
from massive_kit.data.tokens import OTHER, split
from massive_kit.errors import DataError, MissingDataError, Problem

_REWRITTEN = ("id", "utt", "annot_utt", "tokens", "labels", "boundaries")
_KEPT = ["partition", "scenario", "intent", "worker_id"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand together: those of a slot, or what is between slots.

    Attributes:
        words: The words; in locales that are scored by character, characters.
        slot: The slot, or `None`.
    """

    words: tuple[str, ...]
    slot: str | None = None


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """The rows of a locale and partition, as phrases.

    Attributes:
        table: The rows, of the store's schema.
        ids: Their ids.
        phrases: What each is made of, in order.
    """

    table: pa.Table
    ids: list[str]
    phrases: list[list[Phrase]]

    @classmethod
    def read(cls, store: Store, locale: str, partition: str) -> LabelledRows:
        """The rows of a part of a store.

        Raises:
            MissingDataError: The store lacks it.
            DataError: Some rows have no labels.
        """
        if partition not in store.parts.get(locale, {}):
            raise MissingDataError(f"the store {store.name} has no {partition} of {locale}")
        table = store.read(partition, [locale]).combine_chunks()
        without = table.column("labels").null_count
        if without:
            found = f"{without:,} rows of {locale} {partition} without labels"
            problem = Problem(f"store {store.name}", found, "labels, which are to be kept")
            raise DataError("these rows cannot be rewritten", [problem])
        columns = (table.column(name).to_pylist() for name in ("tokens", "labels", "boundaries"))
        phrases = [phrases_of(*row) for row in zip(*columns, strict=True)]
        return cls(table, table.column("id").to_pylist(), phrases)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.ids)


def phrases_of(
    tokens: Sequence[str], slots: Sequence[str], boundaries: Sequence[int] | None = None
) -> list[Phrase]:
    """The phrases of a row, from its tokens, their slots, and where spans touch."""
    labels = scheme_labels(slots, boundaries or (), "brackets")
    return [
        Phrase(tuple(tokens[start:end]), None if label == OTHER else label)
        for start, end, label in runs_of(labels, "brackets")
    ]


@dataclass(slots=True)
class RewrittenRows:
    """Rows of one locale, made of rows of a part; intent and scenario are those of their origin.

    Attributes:
        origin: The rows they are made of.
        locale: Their locale.
        characters: Whether it is scored by character.
        taken: Ids that none of them may have.
    """

    origin: LabelledRows
    locale: str
    characters: bool
    taken: Container[str] = ()
    _rows: list[int] = field(default_factory=list)
    _columns: dict[str, list[Any]] = field(
        default_factory=lambda: {name: [] for name in _REWRITTEN}
    )

    def __len__(self) -> int:
        """How many there are so far."""
        return len(self._rows)

    def add(self, row: int, suffix: str, phrases: Sequence[Phrase]) -> str:
        """Takes a row and gives its id: that of its origin, with a suffix.

        Args:
            row: Its origin's position.
            suffix: What tells its id from its origin's.
            phrases: What it is made of.
        """
        name = f"{self.origin.ids[row]}-{suffix}"
        while name in self.taken:
            name += "-"
        text, annotated = rendered(phrases, characters=self.characters)
        tokens: list[str] = []
        labels: list[str] = []
        boundaries = []
        for phrase in phrases:
            words = split(" ".join(phrase.words), characters=self.characters)
            label = phrase.slot or OTHER
            if label != OTHER and labels and labels[-1] == label:
                boundaries.append(len(tokens))
            tokens += words
            labels += [label] * len(words)
        self._rows.append(row)
        values = (name, text, annotated, tokens, labels, boundaries or None)
        for column, value in zip(self._columns.values(), values, strict=True):
            column.append(value)
        return name

    def table(self) -> pa.Table:
        """All of them, of the store's schema; judgments are of other text and are left out."""
        rows = pa.array(self._rows, pa.int64())
        kept = self.origin.table.select(_KEPT).take(rows)
        columns = {name: kept.column(name) for name in _KEPT}
        columns |= {
            name: pa.array(values, SCHEMA.field(name).type)
            for name, values in self._columns.items()
        }
        columns["locale"] = pa.array([self.locale] * len(rows), pa.string())
        nothing = {
            entry.name: pa.nulls(len(rows), entry.type)
            for entry in SCHEMA
            if entry.name not in columns
        }
        columns |= nothing
        return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def rendered(phrases: Sequence[Phrase], *, characters: bool) -> tuple[str, str]:
    """The text of phrases, and the same with brackets.

    Words are joined by spaces; where the locale is scored by character, only a word of ASCII alone
    has some around it, as in MASSIVE.
    """
    text, segments = "", []
    last = ""
    for phrase in phrases:
        space = " " if last and _apart(last, phrase.words[0], characters=characters) else ""
        if space:
            segments.append(Segment(space))
        value = _joined(phrase.words, characters=characters)
        segments.append(Segment(value, phrase.slot))
        text += space + value
        last = phrase.words[-1]
    return text, notation.render(segments)


def _joined(words: Sequence[str], *, characters: bool) -> str:
    if not characters:
        return " ".join(words)
    return "".join(_with_spaces(words))


def _with_spaces(words: Sequence[str]) -> Iterator[str]:
    last = ""
    for word in words:
        if last and _apart(last, word, characters=True):
            yield " "
        yield word
        last = word


def _apart(left: str, right: str, *, characters: bool) -> bool:
    return not characters or left.isascii() or right.isascii()
