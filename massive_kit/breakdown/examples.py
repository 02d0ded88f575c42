"""Utterances whose slots are wrong, gold and prediction side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from massive_kit.breakdown.slot_errors import KINDS, RIGHT, slot_errors
from massive_kit.data.notation import OTHER
from massive_kit.data.span_schemes import SpanScheme, runs_of
from massive_kit.data.store import Store
from massive_kit.scoring.alignment import Aligned


@dataclass(frozen=True, slots=True)
class ExampleSpan:
    """Tokens of an utterance that stand together: a slot, or what is between two slots.

    Attributes:
        text: Its text.
        slot: Its slot, or `None`.
        right: Whether the other side has the very same slot there.
    """

    text: str
    slot: str | None
    right: bool


@dataclass(frozen=True, slots=True)
class Example:
    """An utterance with wrong slots.

    Attributes:
        locale: Its locale.
        id: Its id.
        intent: The gold intent.
        predicted_intent: The predicted intent, or "" where there is none.
        kinds: The kinds of its errors.
        gold: The gold annotation.
        predicted: The predicted annotation.
    """

    locale: str
    id: str
    intent: str
    predicted_intent: str
    kinds: tuple[str, ...]
    gold: tuple[ExampleSpan, ...]
    predicted: tuple[ExampleSpan, ...]


def examples(
    aligned: Aligned,
    store: Store,
    partition: str,
    locales: tuple[str, ...],
    number: int,
    *,
    kind: str | None = None,
    seed: int = 0,
) -> list[Example]:
    """A random sample of utterances with slot errors, in the order of the data.

    Args:
        aligned: The labels.
        store: The data set that was scored.
        partition: The partition that was scored.
        locales: Where from.
        number: How many at most.
        kind: Only with an error of this kind, one of `KINDS` but `right`.
        seed: Of the sample.

    Raises:
        MissingDataError: The store lacks a locale or the partition.
    """
    errors = slot_errors(aligned)
    gold = aligned.gold
    wanted = errors.kind != RIGHT if kind is None else errors.kind == KINDS.index(kind)
    positions = [gold.locales.index(locale) for locale in locales]
    rows = np.unique(errors.row[wanted])
    rows = rows[np.isin(gold.locale[rows], positions)]
    if len(rows) > number:
        generator = np.random.default_rng(seed)
        rows = np.sort(generator.choice(rows, number, replace=False))
    kinds: dict[int, list[str]] = {row: [] for row in rows.tolist()}
    for row, error in zip(errors.row.tolist(), errors.kind.tolist(), strict=True):
        if row in kinds and error != RIGHT:
            kinds[row].append(KINDS[error])
    chosen = []
    for position in positions:
        locale_rows = rows[gold.locale[rows] == position].tolist()
        if locale_rows:
            tokens = _tokens(aligned, store, partition, position, locale_rows)
            chosen += [
                _example(aligned, row, words, store, tuple(kinds[row]))
                for row, words in zip(locale_rows, tokens, strict=True)
            ]
    return chosen


def _tokens(
    aligned: Aligned, store: Store, partition: str, position: int, rows: list[int]
) -> list[list[str]]:
    locale = aligned.gold.locales[position]
    start = int(np.searchsorted(aligned.gold.locale, position))
    column = store.read(partition, [locale], ["tokens"]).column("tokens")
    return [column[row - start].as_py() for row in rows]


def _example(
    aligned: Aligned, row: int, tokens: list[str], store: Store, kinds: tuple[str, ...]
) -> Example:
    gold, predicted = aligned.gold, aligned.predicted
    locale = gold.locales[gold.locale[row]]
    joint = "" if locale in store.character_locales else " "
    names, scheme = gold.inventory.intents, gold.inventory.scheme
    intents = [
        names[i] if i >= 0 else "" for i in (int(gold.intents[row]), int(predicted.intents[row]))
    ]
    true, guessed = gold.row_labels(row), predicted.row_labels(row)
    return Example(
        locale,
        str(gold.ids[row]),
        intents[0],
        intents[1],
        kinds,
        _spans(tokens, true, guessed, joint, scheme),
        _spans(tokens, guessed, true, joint, scheme),
    )


def _spans(
    tokens: list[str], labels: list[str], other: list[str], joint: str, scheme: SpanScheme
) -> tuple[ExampleSpan, ...]:
    others = set(runs_of(other, scheme))
    return tuple(
        ExampleSpan(
            joint.join(tokens[run.start : run.end]),
            None if run.label == OTHER else run.label,
            run in others,
        )
        for run in runs_of(labels, scheme)
    )
