"""Counts of a store: how much text, how it splits into tokens, which labels. Never a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from massive_kit.data.inspect.locale_rows import LocaleRows
from massive_kit.data.store import Store
from massive_kit.languages import LanguageTable, groups


@dataclass(frozen=True, slots=True)
class LocaleStatistics:
    """One locale over all its partitions (or those asked for).

    Attributes:
        locale: Its code.
        rows: Utterances by partition.
        tokens: Tokens, the scoring unit.
        characters: Code points of the utterances, spaces included.
        token_types: Different tokens.
        slot_tokens: Tokens inside a slot.
        spans: Slots, as the scorer counts them.
        with_slot: Utterances with a slot at all.
        longest: Tokens of the longest utterance.
        median: Median of tokens per utterance.
        unseen: Share of test tokens that train does not have; `None` without the two.
        intents: How often each intent occurs.
        slots: How often each slot occurs.
    """

    locale: str
    rows: Mapping[str, int]
    tokens: int
    characters: int
    token_types: int
    slot_tokens: int
    spans: int
    with_slot: int
    longest: int
    median: float
    unseen: float | None
    intents: Mapping[str, int]
    slots: Mapping[str, int]

    @property
    def utterances(self) -> int:
        """All rows."""
        return sum(self.rows.values())


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the table: a locale, or the plain mean over the locales of a group.

    Attributes:
        name: The locale or group.
        locales: Its members.
        rows: Utterances, in all.
        tokens: Tokens per utterance.
        characters: Code points per utterance.
        spans: Slots per utterance.
        with_slot: Share of utterances with a slot.
        types: Different tokens per locale.
        unseen: Share of test tokens that train does not have.
        intents: Different intents.
        slots: Different slots.
    """

    name: str
    locales: tuple[str, ...]
    rows: int
    tokens: float
    characters: float
    spans: float
    with_slot: float
    types: float
    unseen: float | None
    intents: int
    slots: int


def locale_statistics(
    store: Store, locale: str, partitions: Sequence[str] | None = None
) -> LocaleStatistics:
    """Counts one locale.

    Raises:
        MissingDataError: The store lacks the locale or a partition.
    """
    names = sorted(store.parts.get(locale, {})) if partitions is None else [*partitions]
    tables = {name: store.read(name, [locale], _COLUMNS) for name in names}
    table = pa.concat_tables([*tables.values()]) if tables else store.read("", [], _COLUMNS)
    rows = LocaleRows(store, locale, table.combine_chunks())
    counts = np.asarray(pc.list_value_length(table.column("tokens")).to_numpy())
    tokens = pc.list_flatten(table.column("tokens"))
    labels = pc.list_flatten(table.column("labels"))
    inside = pc.sum(pc.not_equal(labels, store.inventory.labels[0])).as_py() or 0
    span_rows, names_of, spans = rows.span_rows
    slots = np.bincount(spans, minlength=len(names_of)).tolist()
    return LocaleStatistics(
        locale=locale,
        rows={name: len(part) for name, part in tables.items()},
        tokens=int(counts.sum()),
        characters=pc.sum(pc.utf8_length(table.column("utt"))).as_py() or 0,
        token_types=pc.count_distinct(tokens).as_py(),
        slot_tokens=int(inside),
        spans=len(span_rows),
        with_slot=len(np.unique(span_rows)),
        longest=int(counts.max(initial=0)),
        median=float(np.median(counts)) if len(counts) else 0.0,
        unseen=_unseen(tables),
        intents=_value_counts(table.column("intent")),
        slots=_sorted({name: n for name, n in zip(names_of, slots, strict=True) if n}),
    )


def summary(statistics: LocaleStatistics) -> Summary:
    """A locale as a line of the table."""
    return mean_summary(statistics.locale, [statistics])


def mean_summary(name: str, members: Sequence[LocaleStatistics]) -> Summary:
    """The plain mean over some locales: each counts the same."""

    def mean(values: Iterable[float]) -> float:
        return float(np.mean(list(values)))

    unseen = [member.unseen for member in members if member.unseen is not None]
    return Summary(
        name=name,
        locales=tuple(member.locale for member in members),
        rows=sum(member.utterances for member in members),
        tokens=mean(member.tokens / max(member.utterances, 1) for member in members),
        characters=mean(member.characters / max(member.utterances, 1) for member in members),
        spans=mean(member.spans / max(member.utterances, 1) for member in members),
        with_slot=mean(member.with_slot / max(member.utterances, 1) for member in members),
        types=mean(member.token_types for member in members),
        unseen=mean(unseen) if unseen else None,
        intents=len({intent for member in members for intent in member.intents}),
        slots=len({slot for member in members for slot in member.slots}),
    )


def summaries(
    statistics: Sequence[LocaleStatistics], table: LanguageTable, by: str | None = None
) -> list[Summary]:
    """A line per locale, or a line per group of `by` with the plain mean of its locales.

    Raises:
        UsageError: The language table lacks the column.
    """
    if by is None:
        return [summary(of_locale) for of_locale in statistics]
    known = {of_locale.locale: of_locale for of_locale in statistics}
    return [
        mean_summary(group.name, [known[locale] for locale in group.locales])
        for group in groups(table, by, known)
    ]


def label_totals(
    statistics: Iterable[LocaleStatistics], kind: str, declared: Iterable[str] = ()
) -> dict[str, int]:
    """How often each intent or slot (`kind`) occurs over some locales, most frequent first.

    Args:
        statistics: Of the locales.
        kind: `intents` or `slots`.
        declared: Labels that are listed, where there are any, though they may never occur.
    """
    totals: dict[str, int] = {}
    for of_locale in statistics:
        for name, count in getattr(of_locale, kind).items():
            totals[name] = totals.get(name, 0) + count
    return _sorted(dict.fromkeys(declared, 0) | totals) if totals else {}


_COLUMNS = ("utt", "annot_utt", "intent", "tokens", "labels", "boundaries")


def _unseen(tables: Mapping[str, Any]) -> float | None:
    if "train" not in tables or "test" not in tables:
        return None
    train = pc.list_flatten(tables["train"].column("tokens")).unique()
    test = pc.list_flatten(tables["test"].column("tokens"))
    if not len(test):
        return None
    return 1 - float(pc.mean(pc.is_in(test, value_set=train)).as_py())


def _value_counts(column: pa.ChunkedArray) -> dict[str, int]:
    pairs = column.drop_null().value_counts().to_pylist()
    return _sorted({pair["values"]: pair["counts"] for pair in pairs})


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
