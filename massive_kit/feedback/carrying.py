"""What users said in one language labels text of another that means the same.

Which text does is a matcher's to say: the utterance of the same id in a parallel corpus, or the
nearest one by sentence vectors. The intent is carried. Slots are those of the meaning where their
values stand in the words of the other language, such as numbers and names; else what the run reads
there, if it reads the same slots; what has neither is left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import pyarrow as pa

from massive_kit.data.id_split import IdSplit
from massive_kit.data.lineage import LabellingRun
from massive_kit.data.pseudo_label import Guess
from massive_kit.data.span_schemes import SpanScheme, runs_of, scheme_labels
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.tokens import OTHER
from massive_kit.feedback.interpretations import Interpretation, normalised
from massive_kit.feedback.placing import placed
from massive_kit.feedback.rephrased_texts import RephrasedText
from massive_kit.schema.resources import Resource

ENDING = "said"
_COLUMNS = ("id", "locale", "partition", "utt", "tokens", "worker_id")


class Match(NamedTuple):
    """A text that was said, and a row of another locale that means the same.

    Attributes:
        text: The place of the text.
        row: The place of the row.
        nearness: How near they are, in 0..1.
    """

    text: int
    row: int
    nearness: float


class Matcher(Protocol):
    """Says which rows of another locale mean the same."""

    @property
    def resource(self) -> Resource | None:
        """What it uses beside the text."""

    def matches(
        self, locale: str, texts: Sequence[str], target: str, rows: pa.Table
    ) -> Iterator[Match]:
        """The matches of texts of a locale among the rows of another."""


class Reader(Protocol):
    """The run that users talked to."""

    def guesses(self, locale: str, rows: pa.Table) -> Sequence[Guess]:
        """What it says of rows with `id`, `utt` and `tokens`."""


@dataclass(frozen=True, slots=True)
class Carrying:
    """How labels are carried.

    Attributes:
        matcher: Which rows mean the same.
        reader: Who reads slots.
        runs: Further runs that it rests on, such as that whose vectors the matcher compares.
    """

    matcher: Matcher
    reader: Reader
    runs: tuple[LabellingRun, ...] = ()


@dataclass(frozen=True, slots=True)
class ParallelIds:
    """An id means the same in every language of a store.

    So its label in one language is its label in all; ids whose labels the run has learnt are not
    used.

    Attributes:
        store: The store.
        partition: Whose rows are said and matched.
        ids: The ids whose labels the run has not learnt.
    """

    store: Store
    partition: str
    ids: IdSplit

    @property
    def resource(self) -> Resource | None:
        """Aligned utterances."""
        return "parallel-text"

    def matches(
        self, locale: str, texts: Sequence[str], target: str, rows: pa.Table
    ) -> Iterator[Match]:
        """By the ids of the utterances of the store that read as the texts do."""
        del target
        split = DataSplit(self.store, self.partition, (locale,), text_only=True)
        table = split.read(["id", "utt"])
        ids = defaultdict(list)
        for name, text in zip(*(table[key].to_pylist() for key in ("id", "utt")), strict=True):
            if self.ids.holds(name):
                ids[normalised(text)].append(name)
        places = {name: place for place, name in enumerate(rows["id"].to_pylist())}
        for place, text in enumerate(texts):
            for name in ids.get(normalised(text), ()):
                if name in places:
                    yield Match(place, places[name], 1.0)


@dataclass(frozen=True, slots=True)
class CarriedRows:
    """Rows of a locale with labels from others.

    Attributes:
        rows: The rows, without labels.
        guesses: What they mean.
        sources: For each, the locale and the text that said so.
        counts: How many matched, and how many of them were left out, and why.
    """

    rows: pa.Table
    guesses: list[Guess]
    sources: list[tuple[str, RephrasedText]]
    counts: Counter[str]


def carried_rows(
    target: DataSplit,
    texts: Mapping[str, Sequence[RephrasedText]],
    carrying: Carrying,
    taken: frozenset[str],
) -> CarriedRows:
    """The rows of a locale that mean what was said in others.

    Where several texts match a row, the surest one speaks for it. How sure the row is, is how sure
    the text is times how near it is.

    Args:
        target: The rows, as text alone.
        texts: By other locale, what was said there and is sure enough.
        carrying: Which rows mean the same, and who reads slots.
        taken: Texts that are left out, normalised: the locale's own, and those of the test set.
    """
    (locale,) = target.locales
    rows = target.read(list(_COLUMNS))
    best: dict[int, tuple[float, str, RephrasedText]] = {}
    for source, entries in sorted(texts.items()):
        said = [entry.text for entry in entries]
        for match in carrying.matcher.matches(source, said, locale, rows):
            entry = entries[match.text]
            confidence = entry.confidence * match.nearness
            if match.row not in best or confidence > best[match.row][0]:
                best[match.row] = (confidence, source, entry)
    counts = Counter({"matched": len(best)})
    utterances = rows["utt"].to_pylist()
    chosen = []
    for row in sorted(best):
        if normalised(utterances[row]) in taken:
            counts["known"] += 1
        else:
            chosen.append(row)
    table = rows.take(pa.array(chosen, pa.int64()))
    readings = carrying.reader.guesses(locale, table) if chosen else ()
    characters = locale in target.store.character_locales
    kept, guesses, sources = [], [], []
    for place, (row, reading) in enumerate(zip(chosen, readings, strict=True)):
        confidence, source, entry = best[row]
        labels = _labels(
            entry.meaning,
            table["tokens"][place].as_py(),
            reading,
            target.store.inventory.scheme,
            characters=characters,
        )
        if labels is None:
            counts["other_slots"] += 1
            continue
        kept.append(place)
        guesses.append(Guess(entry.meaning.intent, labels, confidence))
        sources.append((source, entry))
    counts["carried"] = len(kept)
    return CarriedRows(table.take(pa.array(kept, pa.int64())), guesses, sources, counts)


def _labels(
    meaning: Interpretation,
    tokens: Sequence[str],
    reading: Guess,
    scheme: SpanScheme,
    *,
    characters: bool,
) -> Sequence[str] | None:
    words = placed(meaning, tokens, characters=characters)
    if words is not None:
        return scheme_labels(words.labels, words.boundaries, scheme)
    read = sorted(run.label for run in runs_of(reading.labels, scheme) if run.label != OTHER)
    return reading.labels if read == sorted(slot for slot, _ in meaning.slots) else None
