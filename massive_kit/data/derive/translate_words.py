"""Pseudo-utterances: every word that a dictionary has, by its translation.

After Wang, Ruder and Neubig 2022 ("Expanding Pretrained Models to Thousands More Languages via
Lexicon-based Adaptation"), who make text and labels of low-resource languages so.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa

from massive_kit.data.derivation import (
    Derivation,
    DerivationReport,
    ReportTable,
    Transform,
    UsedFile,
    parameter,
)
from massive_kit.data.lexicons.coverage import Coverage
from massive_kit.data.lexicons.lexicon import Lexicon
from massive_kit.data.lexicons.looked_up import Dictionaries
from massive_kit.data.lexicons.scripts import is_script_target
from massive_kit.data.lexicons.translating import NAMES, translated_words
from massive_kit.data.rewriting import LabelledRows, Phrase, RewrittenRows
from massive_kit.data.store import Store
from massive_kit.errors import UsageError
from massive_kit.languages import LanguageTable
from massive_kit.schema.resources import Resource

# Of the ids of its rows.
_ENDING = "words"


@dataclass(frozen=True, slots=True)
class TranslateWords(Transform):
    """What to translate.

    Attributes:
        lexicon: Dictionaries, as `lexicon_files` takes them; each gives a locale of the new store.
        lemmas: A file with forms and lemmas of the source language, or `None`.
        source: The locale that is translated, which the new store has, too.
        partitions: The partitions that are translated.
        most: How many of an entry's first translations may be taken.
        least: Rows with fewer words that have a translation are left out.
        never: Slots that are left as they are.
        seed: Of the draws among translations.
    """

    description: ClassVar[str] = (
        "Translate utterances word by word, by bilingual dictionaries.\n\n"
        "Each dictionary gives rows of its language, with the labels of the rows they are made of;"
        " words without an entry stay. The new store has these rows and the source locale, and no"
        " row of a target language of its own, so that training on it is training on the source's"
        " labels and the resource lexicon (unlabelled-text, where `data induce-from-text` made the"
        " dictionaries): a task that trains on the source locale trains on all"
        " of them. --dry-run prints what each dictionary covers."
    )

    lexicon: tuple[str, ...] = parameter((), "A dictionary, or a folder of them; repeatable.")
    lemmas: Path | None = parameter(
        None, "Forms and lemmas, to look up words that are no entry.", "--lemmas"
    )
    source: str = parameter("en-US", "The locale to translate.", "--source")
    partitions: tuple[str, ...] = parameter(
        ("train",), "What to translate; repeatable.", "--partition"
    )
    most: int = parameter(1, "Take one of so many first translations.", "--translations")
    least: int = parameter(1, "Leave out rows with fewer words translated.", "--min-words")
    never: tuple[str, ...] = parameter(NAMES, "Never in this slot; repeatable.", "--never")
    seed: int = parameter(0, "Seed of the draws among translations.")

    def resources(self) -> tuple[Resource, ...]:
        """A lexicon, or text without labels that `data induce-from-text` made one of."""
        return self._dictionaries(()).resources

    def files(self, locales: Sequence[str]) -> Mapping[str, Sequence[UsedFile]]:
        """The dictionaries."""
        return self._dictionaries(locales).used_files()

    def labels_from(self, stores: Sequence[Store], locales: Sequence[str]) -> dict[str, str]:
        """Every target's labels are the source's, or whose those are."""
        (store,) = stores
        source = store.labels_from.get(self.source, self.source)
        return {locale: source for locale in locales if locale != source}

    def id_endings(self, stores: Sequence[Store]) -> tuple[str, ...]:
        """That of the rows it makes."""
        del stores
        return (_ENDING,)

    def derivation(self, stores: Sequence[Store], locales: Sequence[str]) -> Derivation:
        """The rows, translated.

        Raises:
            DataError: A dictionary is broken; every mistake is told.
            MissingDataError: The store lacks the source locale or a partition of it.
            UsageError: A number is not positive, or a dictionary is of other languages.
        """
        (store,) = stores
        if min(self.most, self.least) < 1:
            raise UsageError("--translations and --min-words are 1 or more")
        if self.source in store.parts and self.source not in locales:
            raise UsageError(
                f"--locale leaves out {self.source}, which is to be translated; name the languages"
                " by their dictionaries"
            )
        if self.source in store.character_locales:
            raise UsageError(f"{self.source} is scored by character; it has no words to look up")
        dictionaries = self._dictionaries(locales)
        scripts = [str(file.path) for file in dictionaries.files if is_script_target(file.target)]
        if scripts:
            raise UsageError(
                f"{', '.join(scripts)}: words of a script and of no language alone; `switch` takes"
                " them"
            )
        looked_up = dictionaries.look_up(store, self.partitions)
        lexicons = {lexicon.target: lexicon for lexicon in looked_up.lexicons}
        table = LanguageTable.shipped()

        def rows(locale: str, partition: str) -> pa.Table:
            if locale == self.source:
                return store.read(partition, [locale])
            characters = table[locale].character_scored
            return self._translated(
                looked_up.parts[partition], lexicons[locale], characters=characters
            )

        return Derivation(
            {
                self.source: tuple(store.parts[self.source]),
                **dict.fromkeys(lexicons, self.partitions),
            },
            rows,
            store.inventory,
            frozenset(locale for locale in lexicons if table[locale].character_scored),
            _report(looked_up.coverage, looked_up.count, self._dictionaries(locales)),
        )

    def _dictionaries(self, locales: Sequence[str]) -> Dictionaries:
        return Dictionaries(self.lexicon, self.lemmas, self.source, locales)

    def _translated(self, part: LabelledRows, lexicon: Lexicon, *, characters: bool) -> pa.Table:
        made = RewrittenRows(part, lexicon.target, characters)
        lengths = [sum(len(phrase.words) for phrase in row) for row in part.phrases]
        generator = np.random.default_rng([self.seed, zlib.crc32(lexicon.target.encode())])
        drawn = generator.random(sum(lengths)).tolist()
        start = 0
        for row, phrases in enumerate(part.phrases):
            covered = 0
            translated = []
            for phrase in phrases:
                end = start + len(phrase.words)
                if phrase.slot not in self.never:
                    words = translated_words(phrase.words, lexicon, drawn[start:end], self.most)
                    covered += words.covered
                    translated.append(Phrase(tuple(words.words), phrase.slot))
                else:
                    translated.append(phrase)
                start = end
            if covered >= self.least:
                made.add(row, _ENDING, translated)
        return made.table()


def _report(
    coverage: Sequence[Coverage], rows: int, dictionaries: Dictionaries
) -> DerivationReport:
    table = ReportTable(
        ("language", "entries", "tokens", "types", "rows with a word"),
        tuple(
            (
                known.locale,
                f"{known.entries:,}",
                f"{100 * known.tokens:.1f}",
                f"{100 * known.types:.1f}",
                f"{known.rows:,}",
            )
            for known in coverage
        ),
    )
    notes = (
        f"resources used: {', '.join(dictionaries.resources)}",
        "tokens, types: percent of the words of these rows that are an entry by themselves",
    )
    facts = {known.locale: known.to_json() for known in coverage}
    total = {"rows_translated": rows, "resources": [*dictionaries.resources]}
    warnings = dictionaries.warnings()
    return DerivationReport({"languages": facts, **total}, notes, warnings, table)
