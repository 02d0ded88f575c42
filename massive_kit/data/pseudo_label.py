"""Rows of text without labels, with the labels that a trained system gives them: self-training.

It knows nothing of the system but what it says; `massive_kit.runs.pseudo_labelling` brings one. Of
each intent the rows that it is surest of are taken, so that frequent intents do not crowd out the
others (class-balanced self-training, Zou 2018, arxiv.org/abs/1810.07911).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import pyarrow as pa

from massive_kit.data.confidences import CONFIDENCES
from massive_kit.data.derivation import Derivation, DerivationReport, ReportTable, Transform
from massive_kit.data.inventory import Inventory
from massive_kit.data.lineage import LabellingRun
from massive_kit.data.rewriting import Phrase, rendered
from massive_kit.data.span_schemes import runs_of
from massive_kit.data.split import DataSplit
from massive_kit.data.store import SCHEMA, Store
from massive_kit.data.tokens import OTHER
from massive_kit.errors import ConfigError, MissingDataError, Problem, UsageError
from massive_kit.schema.resources import Resource

_TEXT = ("id", "locale", "partition", "utt", "tokens", "worker_id")


@dataclass(frozen=True, slots=True)
class Guess:
    """What a system says of a row.

    Attributes:
        intent: Its name; `None` where the system knows none.
        labels: A token label for each token.
        confidence: How sure the system is, in 0..1.
        agreed: Whether it says the same when it reads the row in another way.
    """

    intent: str | None
    labels: Sequence[str]
    confidence: float
    agreed: bool = True


class Teacher(Protocol):
    """A trained system."""

    @property
    def inventory(self) -> Inventory:
        """The labels it knows."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The locales whose labels it has learnt."""

    @property
    def run(self) -> LabellingRun:
        """What it is and what it used."""

    def guesses(self, locale: str, rows: pa.Table) -> Sequence[Guess]:
        """What it says of rows with `id`, `utt` and `tokens`."""


@dataclass(frozen=True, slots=True)
class PseudoLabel(Transform):
    """How text gets labels.

    Attributes:
        teacher: The system that labels.
        partitions: The partitions whose text is labelled.
        confidence: Rows that the system is less sure of are left out.
        share: Of the rows of each intent and locale, the share that is taken: the surest.
        rows: Most rows per locale and partition that are labelled, drawn at random; else all.
        agreement: Rows are left out that the system reads otherwise when their text is cut into
            other subwords, drawn with this smoothing; `None` asks once.
        seed: Of these draws.
    """

    description: ClassVar[str] = "Label text without labels by a trained system."

    teacher: Teacher = field(metadata={"recorded": False})
    partitions: tuple[str, ...] = ("train",)
    confidence: float = 0.0
    share: float = 1.0
    rows: int | None = None
    agreement: float | None = None
    seed: int = 0

    def resources(self) -> tuple[Resource, ...]:
        """The text."""
        return ("unlabelled-text",)

    def labelling_runs(self) -> tuple[LabellingRun, ...]:
        """The run that labels."""
        return (self.teacher.run,)

    def labels_from(self, stores: Sequence[Store], locales: Sequence[str]) -> dict[str, str]:
        """All labels are made of those that the system has learnt."""
        del stores
        sources = self.teacher.sources
        return {locale: sources[0] for locale in locales if locale not in sources}

    def derivation(self, stores: Sequence[Store], locales: Sequence[str]) -> Derivation:
        """The rows of the system's own locales, and the labelled ones of all others.

        Raises:
            UsageError: A number is out of its range, or there is no other locale.
            ConfigError: The system has other labels than the store.
            MissingDataError: No locale has one of the partitions.
        """
        (store,) = stores
        if not (0 <= self.confidence <= 1 and 0 < self.share <= 1):
            raise UsageError("--confidence is between 0 and 1, --share above 0 and at most 1")
        targets = [locale for locale in locales if locale not in self.teacher.sources]
        if not targets:
            raise UsageError(
                "the run has learnt the labels of every locale; there is none to label"
            )
        self._check_labels(store)
        made = {
            (locale, partition): self._labelled(store, locale, partition)
            for locale in targets
            for partition in self.partitions
            if partition in store.parts[locale]
        }
        if not made:
            raise MissingDataError(
                f"the store {store.name} has no {' or '.join(self.partitions)} of these locales"
            )
        own = [locale for locale in self.teacher.sources if locale in store.parts]
        partitions: dict[str, tuple[str, ...]] = {
            locale: tuple(store.parts[locale]) for locale in own
        }
        for locale, partition in made:
            partitions[locale] = (*partitions.get(locale, ()), partition)

        def rows(locale: str, partition: str) -> pa.Table:
            part = made.get((locale, partition))
            return store.read(partition, [locale]) if part is None else part.table

        return Derivation(
            partitions,
            rows,
            store.inventory,
            store.character_locales & {*partitions},
            _report([*made.values()], compared=self.agreement is not None),
            {CONFIDENCES: _confidences([*made.values()])},
        )

    def _check_labels(self, store: Store) -> None:
        knows, has = self.teacher.inventory, store.inventory
        problems = [
            Problem(
                f"run {self.teacher.run.name}", f"it knows other {name}", f"those of {store.name}"
            )
            for name in ("intents", "labels")
            if getattr(knows, name) != getattr(has, name)
        ]
        if problems:
            raise ConfigError("the run does not fit the store", problems)

    def _labelled(self, store: Store, locale: str, partition: str) -> _Part:
        split = DataSplit(store, partition, (locale,), text_only=True)
        table = split.read(_TEXT, self.rows)
        guesses = self.teacher.guesses(locale, table)
        taken = surest(guesses, self.confidence, self.share)
        kept = [guesses[row] for row in taken]
        rows = table.take(pa.array(taken, pa.int64()))
        characters = locale in store.character_locales
        return _Part(
            locale,
            labelled_table(rows, kept, store.inventory, characters=characters),
            guesses,
            kept,
        )


def surest(guesses: Sequence[Guess], least: float, share: float) -> list[int]:
    """The rows that are taken, in order.

    Args:
        guesses: Of all rows.
        least: The confidence that a row needs.
        share: Of the rows of each intent, the share that is taken; at least one.
    """
    counts = Counter(guess.intent for guess in guesses)
    most = {intent: math.ceil(share * count) for intent, count in counts.items()}
    order = sorted(range(len(guesses)), key=lambda row: -guesses[row].confidence)
    taken = []
    for row in order:
        guess = guesses[row]
        if guess.agreed and guess.confidence >= least and most[guess.intent] > 0:
            most[guess.intent] -= 1
            taken.append(row)
    return sorted(taken)


@dataclass(frozen=True, slots=True)
class _Part:
    """What was made of a locale and partition.

    Attributes:
        locale: The locale.
        table: The rows that were taken, of the store's schema.
        guesses: What was said of all rows.
        kept: What was said of those taken.
    """

    locale: str
    table: pa.Table
    guesses: Sequence[Guess]
    kept: Sequence[Guess]


def labelled_table(
    rows: pa.Table, guesses: Sequence[Guess], inventory: Inventory, *, characters: bool
) -> pa.Table:
    """Rows of text, as the schema of a store, with what a system says of them.

    Args:
        rows: The rows, with the columns of text alone.
        guesses: What is said of each.
        inventory: The labels.
        characters: Whether the locale is scored by character.
    """
    annotated, slots, boundaries = [], [], []
    for tokens, guess in zip(rows["tokens"].to_pylist(), guesses, strict=True):
        phrases = [
            Phrase(tuple(tokens[start:end]), None if slot == OTHER else slot)
            for start, end, slot in runs_of(guess.labels, inventory.scheme)
        ]
        annotated.append(rendered(phrases, characters=characters)[1])
        names: list[str] = []
        touching = []
        for phrase in phrases:
            if phrase.slot and names and names[-1] == phrase.slot:
                touching.append(len(names))
            names += [phrase.slot or OTHER] * len(phrase.words)
        slots.append(names)
        boundaries.append(touching or None)
    intents = [guess.intent for guess in guesses]
    columns = {name: rows[name] for name in _TEXT} | {
        "intent": intents,
        "scenario": [inventory.scenarios.get(intent or "") for intent in intents],
        "annot_utt": annotated,
        "labels": slots,
        "boundaries": boundaries,
    }
    arrays = [
        columns[entry.name]
        if isinstance(columns.get(entry.name), pa.ChunkedArray)
        else pa.array(columns.get(entry.name, [None] * len(rows)), entry.type)
        for entry in SCHEMA
    ]
    return pa.table(arrays, schema=SCHEMA)


def _confidences(parts: Iterable[_Part]) -> str:
    lines = ["locale\tpartition\tid\tconfidence\n"]
    for part in parts:
        columns = (part.table[name].to_pylist() for name in ("partition", "id"))
        lines += [
            f"{part.locale}\t{partition}\t{identity}\t{guess.confidence:.4f}\n"
            for partition, identity, guess in zip(*columns, part.kept, strict=True)
        ]
    return "".join(lines)


def _report(parts: Sequence[_Part], *, compared: bool) -> DerivationReport:
    """What was taken; how many rows were read alike where segmentations were compared."""
    facts: dict[str, dict[str, float]] = {}
    counted = ("rows", *(["agreed"] if compared else []), "taken")
    for part in parts:
        counts = facts.setdefault(part.locale, dict.fromkeys((*counted, "confidence"), 0))
        counts["rows"] += len(part.guesses)
        if compared:
            counts["agreed"] += sum(guess.agreed for guess in part.guesses)
        counts["taken"] += len(part.kept)
        counts["confidence"] += sum(guess.confidence for guess in part.guesses)
    for counts in facts.values():
        counts["confidence"] /= max(1, counts["rows"])
    heads = {"rows": "rows", "agreed": "read alike", "taken": "taken"}
    table = ReportTable(
        ("language", *(heads[name] for name in counted), "mean confidence, %"),
        tuple(
            (
                locale,
                *(f"{counts[name]:,.0f}" for name in counted),
                f"{100 * counts['confidence']:.1f}",
            )
            for locale, counts in facts.items()
        ),
    )
    return DerivationReport({"languages": facts}, table=table)
