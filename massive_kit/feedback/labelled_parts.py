"""Parts of a store whose rows are what users said, or what means the same in another language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from massive_kit.data.derivation import DerivationReport, ReportTable
from massive_kit.data.inventory import Inventory
from massive_kit.data.pseudo_label import Guess, labelled_table
from massive_kit.data.span_schemes import scheme_labels
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.tokens import split
from massive_kit.feedback.carrying import ENDING, Carrying, carried_rows
from massive_kit.feedback.interpretations import normalised
from massive_kit.feedback.placing import placed
from massive_kit.feedback.rephrased_texts import RephrasedText

_PARTITION = "train"
_COLUMNS = {
    "texts": "texts that led to success",
    "unsure": "not sure enough",
    "tested": "of the test set",
    "unplaced": "without the values",
    "undeclared": "of other labels",
    "confirmed": "confirmed",
    "rephrased": "rephrased",
}
_CARRIED_COLUMNS = {
    "matched": "texts that mean what was said elsewhere",
    "known": "said here, too, or of the test set",
    "other_slots": "without the slots",
    "carried": "carried",
}


@dataclass(frozen=True, slots=True)
class LabelledPart:
    """What was made of a locale.

    Attributes:
        kept: The texts that were said.
        table: The rows.
        confidences: A line of `confidences.tsv` for each row, without its end.
        counts: How many texts were left out, and why, and how many became rows.
    """

    kept: list[RephrasedText]
    table: pa.Table
    confidences: list[str]
    counts: Counter[str]


def said_part(
    store: Store, locale: str, texts: Sequence[RephrasedText], least: float
) -> LabelledPart:
    """What was said in a locale, as rows.

    Args:
        store: The labels, and the test set whose texts are left out.
        locale: The locale.
        texts: What was said, and what it means.
        least: The confidence that a text needs.
    """
    characters = locale in store.character_locales
    tested = tested_texts(store, locale)
    counts = Counter({"texts": len(texts)})
    kept: list[RephrasedText] = []
    guesses = []
    for entry in texts:
        if entry.confidence < least:
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
    lines = [
        f"{locale}\t{_PARTITION}\tsaid-{number}\t{entry.confidence:.4f}\t{entry.kind}"
        f"\t{entry.ended}\t{entry.of}"
        for number, entry in enumerate(kept, 1)
    ]
    labelled = labelled_table(table, guesses, store.inventory, characters=characters)
    return LabelledPart(kept, labelled, lines, counts)


def carried_part(
    target: DataSplit,
    texts: Mapping[str, Sequence[RephrasedText]],
    carrying: Carrying,
    taken: frozenset[str],
) -> LabelledPart:
    """Rows of a locale that mean what was said in others; arguments as of `carried_rows`."""
    (locale,) = target.locales
    carried = carried_rows(target, texts, carrying, taken)
    rows, names = carried.rows, carried.rows["id"].to_pylist()
    names = [f"{name}-{ENDING}" for name in names]
    rows = rows.set_column(rows.schema.get_field_index("id"), "id", pa.array(names, pa.string()))
    lines = [
        f"{locale}\t{_PARTITION}\t{name}\t{guess.confidence:.4f}\tcarried from {source}"
        f"\t{entry.ended}\t{entry.of}"
        for name, guess, (source, entry) in zip(
            names, carried.guesses, carried.sources, strict=True
        )
    ]
    characters = locale in target.store.character_locales
    table = labelled_table(rows, carried.guesses, target.store.inventory, characters=characters)
    return LabelledPart([], table, lines, carried.counts)


def joined_parts(said: LabelledPart, carried: LabelledPart) -> LabelledPart:
    """What was said in a locale, and then what was carried into it."""
    return LabelledPart(
        said.kept,
        pa.concat_tables([said.table, carried.table]),
        [*said.confidences, *carried.confidences],
        said.counts + carried.counts,
    )


def tested_texts(store: Store, locale: str) -> set[str]:
    """Texts of the test set, which is scored: what users said of it is no training data."""
    if "test" not in store.parts[locale]:
        return set()
    texts = DataSplit(store, "test", (locale,), text_only=True).read(["utt"])
    return {normalised(text) for text in texts["utt"].to_pylist()}


def confidences_text(made: Mapping[str, LabelledPart]) -> str:
    """The file that says how sure each row is."""
    head = "locale\tpartition\tid\tconfidence\tkind\tended\tof"
    lines = [head, *(line for part in made.values() for line in part.confidences)]
    return "\n".join(lines) + "\n"


def report_of(made: Mapping[str, LabelledPart], *, carried: bool) -> DerivationReport:
    """How many texts were left out, and why, and how many became rows."""
    columns = _COLUMNS | (_CARRIED_COLUMNS if carried else {})
    facts = {locale: {name: part.counts[name] for name in columns} for locale, part in made.items()}
    rows = [
        (locale, *(f"{count:,}" for count in counts.values())) for locale, counts in facts.items()
    ]
    return DerivationReport(
        {"languages": facts}, table=ReportTable(("language", *columns.values()), tuple(rows))
    )


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
