"""Code-switching: some words of utterances in other languages, by dictionaries.

After CoSDA-ML (Qin et al. 2020), which draws a language and a translation for each word, and
Krishnan et al. 2021 ("Multilingual Code-Switching for Zero-Shot Cross-Lingual Intent Prediction and
Slot Filling"), where a slot's words are switched together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

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
from massive_kit.data.lexicons.looked_up import Dictionaries, LookedUpRows
from massive_kit.data.lexicons.scripts import locales_of
from massive_kit.data.lexicons.switching import SwitchCounts, Switcher
from massive_kit.data.lexicons.translating import NAMES
from massive_kit.data.locale_values import locale_numbers
from massive_kit.data.rewriting import LabelledRows, RewrittenRows
from massive_kit.data.store import Store
from massive_kit.errors import MassiveKitError, MissingDataError, UsageError
from massive_kit.languages import LanguageTable
from massive_kit.schema.resources import Resource

# Of the ids of its rows.
_ENDING = "switch"


@dataclass(frozen=True, slots=True)
class Switch(Transform):
    """What to switch, and how often.

    Attributes:
        lexicon: Dictionaries, as `lexicon_files` takes them.
        lemmas: A file with forms and lemmas of the source language, or `None`.
        source: The locale that is switched; others are taken over whole.
        partitions: The partitions that are switched; others are taken over whole.
        unit: A chunk is a slot with all its words, or an entry; a token is one word.
        per: Whether each unit has a language of its own, or each row.
        row_rate: Share of rows that are switched.
        rate: Share of their units that are, where the language drawn has them.
        weights: `LOCALE=NUMBER`: how often a language is drawn beside its coverage.
        most: How many of an entry's first translations may be taken.
        never: Slots that are left as they are.
        copies: Switched rows of each row.
        originals: Whether the rows themselves are kept.
        seed: Of all draws.
    """

    description: ClassVar[str] = (
        "Switch words of utterances into other languages, by bilingual dictionaries.\n\n"
        "Labels are kept. Languages are drawn by how much of the text their dictionary covers."
        " --lexicon names a file by its languages (en-de.txt, eng-deu.tei, de-DE.tsv.gz), another"
        " as LOCALE=FILE, a folder of such files, or PanLex's CSV export. --dry-run prints what"
        " each dictionary covers. What is trained on the new store has used the resource lexicon,"
        " or nothing or unlabelled-text, where `data induce` or `data induce-from-text` made all"
        " dictionaries."
    )

    lexicon: tuple[str, ...] = parameter((), "A dictionary, or a folder of them; repeatable.")
    lemmas: Path | None = parameter(
        None, "Forms and lemmas, to look up words that are no entry.", "--lemmas"
    )
    source: str = parameter("en-US", "The locale to switch.", "--source")
    partitions: tuple[str, ...] = parameter(
        ("train",), "What to switch; repeatable.", "--partition"
    )
    unit: Literal["chunk", "token"] = parameter(
        "chunk", "Switch a slot's words together, or each word by itself.", "--unit"
    )
    per: Literal["unit", "row"] = parameter(
        "unit", "Draw a language for each unit, or each row.", "--language-per"
    )
    row_rate: float = parameter(1.0, "Share of rows to switch.", "--row-rate")
    rate: float = parameter(0.4, "Share of a switched row's units to switch.", "--rate")
    weights: tuple[str, ...] = parameter(
        (), "LOCALE=NUMBER: draw a language so much more often; repeatable.", "--weight"
    )
    most: int = parameter(3, "Take one of so many first translations.", "--translations")
    never: tuple[str, ...] = parameter(NAMES, "Never in this slot; repeatable.", "--never")
    copies: int = parameter(1, "Switched rows of each row.", "--copies")
    originals: bool = parameter(
        True, "Keep the rows themselves, too.", "--originals/--no-originals"
    )
    seed: int = parameter(0, "Seed of all draws.")

    def resources(self) -> tuple[Resource, ...]:
        """A lexicon, or what was used for dictionaries that were induced."""
        return self._dictionaries(()).resources

    def files(self, locales: Sequence[str]) -> Mapping[str, Sequence[UsedFile]]:
        """The dictionaries."""
        return self._dictionaries(locales).used_files()

    def id_endings(self, stores: Sequence[Store]) -> tuple[str, ...]:
        """That of the rows it makes."""
        del stores
        return (_ENDING,)

    def derivation(self, stores: Sequence[Store], locales: Sequence[str]) -> Derivation:
        """The rows, switched.

        Raises:
            DataError: A dictionary is broken; every mistake is told.
            MissingDataError: The store lacks the source locale or a partition of it, or there is no
                such dictionary.
            UsageError: A number is out of its range, or no dictionary has a word of the text.
        """
        (store,) = stores
        self._check(store, locales)
        dictionaries = self._dictionaries(locales)
        looked_up = dictionaries.look_up(store, self.partitions)
        switcher = Switcher(
            looked_up.lexicons,
            self._shares(looked_up.coverage),
            rate=self.rate,
            chunks=self.unit == "chunk",
            per_row=self.per == "row",
            never=frozenset(self.never),
            most=self.most,
        )
        counts = SwitchCounts()
        switched = {
            name: _switched(part, self, switcher, counts) for name, part in looked_up.parts.items()
        }

        def part(locale: str, partition: str) -> pa.Table:
            if locale == self.source and partition in switched:
                return switched[partition]
            return store.read(partition, [locale])

        return Derivation(
            {locale: tuple(store.parts[locale]) for locale in locales},
            part,
            store.inventory,
            store.character_locales & {*locales},
            _report(looked_up, counts, dictionaries),
        )

    def _dictionaries(self, locales: Sequence[str]) -> Dictionaries:
        return Dictionaries(self.lexicon, self.lemmas, self.source, locales)

    def _check(self, store: Store, locales: Sequence[str]) -> None:
        problems = [
            f"{flag} {value:g} is not between 0 and 1"
            for flag, value in (("--row-rate", self.row_rate), ("--rate", self.rate))
            if not 0 <= value <= 1
        ]
        problems += [
            f"{flag} {value} is not positive"
            for flag, value in (("--translations", self.most), ("--copies", self.copies))
            if value < 1
        ]
        if self.source in store.parts and self.source not in locales:
            problems.append(f"--locale leaves out {self.source}, which is to be switched")
        if self.source in store.character_locales:
            problems.append(f"{self.source} is scored by character, so it has no words to look up")
        targets = [*LanguageTable.shipped().languages]
        mistake: type[MassiveKitError] = UsageError
        try:
            if self.source in store.parts:
                targets = [file.target for file in self._dictionaries(locales).files]
        except (MissingDataError, UsageError) as error:
            problems.append(str(error))
            mistake = type(error)
        try:
            locale_numbers(self.weights, "--weight", targets)
        except UsageError as error:
            problems.append(str(error))
        if problems:
            raise mistake("; ".join(problems))

    def _shares(self, coverage: Sequence[Coverage]) -> list[float]:
        """How often each language is drawn, adding up to 1."""
        weights = locale_numbers(self.weights, "--weight", [known.locale for known in coverage])
        shares = [
            known.tokens * locales_of(known.locale, self.source) * weights.get(known.locale, 1.0)
            for known in coverage
        ]
        total = sum(shares)
        if not total:
            raise UsageError("no dictionary has a word of these rows; check their languages")
        return [share / total for share in shares]


def _switched(
    part: LabelledRows, how: Switch, switcher: Switcher, counts: SwitchCounts
) -> pa.Table:
    """A part with what is made of it."""
    made = RewrittenRows(part, how.source, characters=False, taken={*part.ids})
    for copy in range(1, how.copies + 1):
        suffix = _ENDING if how.copies == 1 else f"{_ENDING}{copy}"
        for row, draws in switcher.draws(part, how.row_rate, (how.seed, copy)):
            switched = switcher.switched(part.phrases[row], draws)
            if switched.languages:
                made.add(row, suffix, switched.phrases)
                counts.count(switched.languages)
    table = made.table()
    return pa.concat_tables([part.table, table]) if how.originals else table


def _report(
    looked_up: LookedUpRows, counts: SwitchCounts, dictionaries: Dictionaries
) -> DerivationReport:
    coverage, rows = looked_up.coverage, looked_up.count
    facts = {
        known.locale: {
            **known.to_json(),
            "rows_switched": counts.rows[known.locale],
            "units_switched": counts.units[known.locale],
        }
        for known in coverage
    }
    table = ReportTable(
        ("language", "entries", "tokens", "types", "rows switched", "units switched"),
        tuple(
            (
                known.locale,
                f"{known.entries:,}",
                f"{100 * known.tokens:.1f}",
                f"{100 * known.types:.1f}",
                f"{counts.rows[known.locale]:,}",
                f"{counts.units[known.locale]:,}",
            )
            for known in coverage
        ),
    )
    used = dictionaries.resources
    named = ", ".join(used) or "none, as all dictionaries are of an encoder alone"
    notes = (
        f"{counts.all_rows:,} switched rows of {rows:,}; resources used: {named}",
        "tokens, types: percent of the words of these rows that are an entry by themselves",
    )
    total = {"rows": rows, "switched": counts.all_rows, "resources": [*used]}
    warnings = dictionaries.warnings()
    return DerivationReport({"languages": facts, **total}, notes, warnings, table)
