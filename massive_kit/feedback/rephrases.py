"""Texts of users with labels that their rephrases gave them, as rows of a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from massive_kit.data.confidences import CONFIDENCES
from massive_kit.data.derivation import (
    Derivation,
    DerivationReport,
    ReportTable,
    Transform,
    UsedFile,
)
from massive_kit.data.inventory import Inventory
from massive_kit.data.lineage import LabellingRun
from massive_kit.data.pseudo_label import Guess, labelled_table
from massive_kit.data.span_schemes import scheme_labels
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.tokens import split
from massive_kit.errors import ConfigError, MissingDataError, Problem, UsageError
from massive_kit.feedback.interpretations import normalised
from massive_kit.feedback.placing import placed
from massive_kit.feedback.rephrased_texts import RephrasedText
from massive_kit.schema.resources import Resource

_PARTITION = "train"
_COUNTED = ("texts", "unsure", "tested", "unplaced", "undeclared", "confirmed", "rephrased")
_HEADS = (
    "texts that led to success",
    "not sure enough",
    "of the test set",
    "without the values",
    "of other labels",
    "confirmed",
    "rephrased",
)


@dataclass(frozen=True, slots=True)
class Rephrases(Transform):
    """How texts of sessions become rows.

    Attributes:
        texts: By locale, texts and what they mean.
        run: The run that users talked to.
        sources: The locales whose labels the run has learnt.
        sessions: The files of sessions.
        confidence: Texts that are less sure are left out.
    """

    description: ClassVar[str] = "Label what users said by what they turned out to mean."

    texts: Mapping[str, Sequence[RephrasedText]] = field(metadata={"recorded": False})
    run: LabellingRun = field(metadata={"recorded": False})
    sources: tuple[str, ...] = field(metadata={"recorded": False})
    sessions: tuple[Path, ...] = field(metadata={"recorded": False})
    confidence: float = 0.6

    def resources(self) -> tuple[Resource, ...]:
        """The text, and what users did."""
        return ("unlabelled-text", "feedback")

    def files(self, locales: Sequence[str]) -> Mapping[str, Sequence[UsedFile]]:
        """The sessions."""
        del locales
        return {"sessions": [UsedFile.of(path) for path in self.sessions]}

    def labelling_runs(self) -> tuple[LabellingRun, ...]:
        """The run that users talked to: its labels are what they confirmed."""
        return (self.run,)

    def labels_from(self, stores: Sequence[Store], locales: Sequence[str]) -> dict[str, str]:
        """All labels are made of those that the run has learnt."""
        del stores
        return {locale: self.sources[0] for locale in locales if locale not in self.sources}

    def derivation(self, stores: Sequence[Store], locales: Sequence[str]) -> Derivation:
        """The rows of the run's own locales, and those of the sessions of all others.

        Raises:
            UsageError: The confidence is out of its range.
            MissingDataError: No other locale has sessions.
            ConfigError: No text can be labelled.
        """
        (store,) = stores
        if not 0 <= self.confidence <= 1:
            raise UsageError("--confidence is between 0 and 1")
        chosen = [name for name in locales if name in self.texts and name not in self.sources]
        if not chosen:
            raise MissingDataError(
                f"no sessions of a locale of {store.name} whose labels the run has not learnt"
            )
        made = {locale: self._labelled(store, locale) for locale in chosen}
        made = {locale: part for locale, part in made.items() if len(part.table)}
        if not made:
            found = f"nothing of {', '.join(chosen)} at a confidence of {self.confidence}"
            raise ConfigError("no text gets a label", [Problem("the sessions", found)])
        labelled = [locale for locale in self.sources if locale in store.parts]
        partitions = {locale: tuple(store.parts[locale]) for locale in labelled}
        partitions |= dict.fromkeys(made, (_PARTITION,))

        def rows(locale: str, partition: str) -> pa.Table:
            return made[locale].table if locale in made else store.read(partition, [locale])

        return Derivation(
            partitions,
            rows,
            store.inventory,
            store.character_locales & {*partitions},
            _report(made),
            {CONFIDENCES: _confidences(made)},
        )

    def _labelled(self, store: Store, locale: str) -> _Part:
        characters = locale in store.character_locales
        tested = _tested(store, locale)
        counts = Counter({"texts": len(self.texts[locale])})
        kept: list[RephrasedText] = []
        guesses = []
        for entry in self.texts[locale]:
            guess = None
            if entry.confidence < self.confidence:
                counts["unsure"] += 1
            elif normalised(entry.text) in tested:
                counts["tested"] += 1
            else:
                tokens = split(entry.text, characters=characters)
                words = placed(entry.meaning, tokens, characters=characters)
                if words is None:
                    counts["unplaced"] += 1
                    continue
                labels = scheme_labels(words.labels, words.boundaries, store.inventory.scheme)
                guess = Guess(entry.meaning.intent, labels, entry.confidence)
                if not _is_declared(guess, store.inventory):
                    counts["undeclared"] += 1
                    continue
                counts[entry.kind] += 1
                kept.append(entry)
                guesses.append(guess)
        table = _rows(locale, kept, characters=characters)
        return _Part(
            kept, labelled_table(table, guesses, store.inventory, characters=characters), counts
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """What was made of a locale.

    Attributes:
        kept: The texts.
        table: Their rows.
        counts: How many texts were left out, and why, and how many became rows.
    """

    kept: list[RephrasedText]
    table: pa.Table
    counts: Counter[str]


def _tested(store: Store, locale: str) -> set[str]:
    """Texts of the test set, which is scored: what users said of it is no training data."""
    if "test" not in store.parts[locale]:
        return set()
    texts = DataSplit(store, "test", (locale,), text_only=True).read(["utt"])
    return {normalised(text) for text in texts["utt"].to_pylist()}


def _is_declared(guess: Guess, inventory: Inventory) -> bool:
    return guess.intent in inventory.intents and {*inventory.labels}.issuperset(guess.labels)


def _rows(locale: str, kept: Sequence[RephrasedText], *, characters: bool) -> pa.Table:
    count = len(kept)
    texts = [entry.text for entry in kept]
    return pa.table(
        {
            "id": pa.array([f"said-{number}" for number in range(1, count + 1)], pa.string()),
            "locale": pa.array([locale] * count, pa.string()),
            "partition": pa.array([_PARTITION] * count, pa.string()),
            "utt": pa.array(texts, pa.string()),
            "tokens": pa.array(
                [split(text, characters=characters) for text in texts], pa.list_(pa.string())
            ),
            "worker_id": pa.nulls(count, pa.string()),
        }
    )


def _confidences(made: Mapping[str, _Part]) -> str:
    lines = ["locale\tpartition\tid\tconfidence\tkind\tended\tof\n"]
    lines += [
        f"{locale}\t{_PARTITION}\tsaid-{number}\t{entry.confidence:.4f}\t{entry.kind}"
        f"\t{entry.ended}\t{entry.of}\n"
        for locale, part in made.items()
        for number, entry in enumerate(part.kept, 1)
    ]
    return "".join(lines)


def _report(made: Mapping[str, _Part]) -> DerivationReport:
    facts = {
        locale: {name: part.counts[name] for name in _COUNTED} for locale, part in made.items()
    }
    rows: Iterable[tuple[str, ...]] = (
        (locale, *(f"{count:,}" for count in counts.values())) for locale, counts in facts.items()
    )
    return DerivationReport(
        {"languages": facts}, table=ReportTable(("language", *_HEADS), tuple(rows))
    )
