"""Utterances with one word in another form, by inflection tables.

After Tan et al. 2020 ("It's Morphin' Time! Combating Linguistic Discrimination with Inflectional
Perturbations"), here without a victim model: forms are drawn.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from massive_kit.data.lexicons.translating import NAMES
from massive_kit.data.morphology.features import CHANGES
from massive_kit.data.morphology.files import morphology_files
from massive_kit.data.morphology.inflecting import Inflector
from massive_kit.data.morphology.paradigms import Paradigms
from massive_kit.data.rewriting import LabelledRows, RewrittenRows
from massive_kit.data.store import Store
from massive_kit.errors import UsageError
from massive_kit.schema.resources import Resource

# The file that says what was changed.
LIST = "inflections.tsv"
_LISTED = ("locale", "partition", "id", "word", "form", "change", "lemma", "was", "is")

# Of the ids of its rows.
_ENDING = "inflect"


@dataclass(frozen=True, slots=True)
class Inflect(Transform):
    """What to inflect.

    Attributes:
        morphology: Inflection tables, as `morphology_files` takes them.
        partitions: The partitions that get variants; others are taken over whole.
        changes: Which changes.
        variants: At most so many variants of each row, one change each.
        never: Slots that are left as they are.
        originals: Whether the rows themselves are kept.
        seed: Of the draws.
    """

    description: ClassVar[str] = (
        "Add utterances with one word in another form, by UniMorph's inflection tables.\n\n"
        "Another imperative of the first verb (number, gender, politeness), imperative or"
        " infinitive, number or case of a word in a slot; labels are kept. No tagger says which"
        " reading of a word is meant. inflections.tsv in the store's folder says what was changed"
        " in each variant. What is trained on the new store has used the resource morphology."
    )

    morphology: tuple[str, ...] = parameter((), "A table, or a folder of them; repeatable.")
    partitions: tuple[str, ...] = parameter(
        ("train",), "What to inflect; repeatable.", "--partition"
    )
    changes: tuple[str, ...] = parameter(
        CHANGES, "imperative, mood, number or case; repeatable.", "--change"
    )
    variants: int = parameter(1, "At most so many variants of each row.", "--variants")
    never: tuple[str, ...] = parameter(NAMES, "Never in this slot; repeatable.", "--never")
    originals: bool = parameter(
        True, "Keep the rows themselves, too.", "--originals/--no-originals"
    )
    seed: int = parameter(0, "Seed of the draws.")

    def files(self, locales: Sequence[str]) -> Mapping[str, Sequence[UsedFile]]:
        """The tables."""
        files = morphology_files(self.morphology, locales).values()
        return {"morphology": [UsedFile.of(path) for path in files]}

    def resources(self) -> tuple[Resource, ...]:
        """Inflection tables."""
        return ("morphology",)

    def id_endings(self, stores: Sequence[Store]) -> tuple[str, ...]:
        """That of the rows it makes."""
        del stores
        return (_ENDING,)

    def derivation(self, stores: Sequence[Store], locales: Sequence[str]) -> Derivation:
        """The rows and their variants.

        Raises:
            DataError: A table is broken; every mistake is told.
            MissingDataError: A locale lacks a partition.
            UsageError: There is no such change, or no table of these locales.
        """
        (store,) = stores
        changes = [change for change in CHANGES if change in self.changes]
        if unknown := [name for name in self.changes if name not in CHANGES]:
            raise UsageError(f"--change {', '.join(unknown)}; there are {', '.join(CHANGES)}")
        if self.variants < 1:
            raise UsageError(f"--variants {self.variants} is not positive")
        made = _Made()
        for locale, path in morphology_files(self.morphology, locales).items():
            paradigms = Paradigms.read(path)
            inflector = Inflector(paradigms, changes, self.never, self.variants)
            for partition in self.partitions:
                part = LabelledRows.read(store, locale, partition)
                self._inflect(part, inflector, (locale, partition), made, store)

        def rows(locale: str, partition: str) -> pa.Table:
            table = made.tables.get((locale, partition))
            return store.read(partition, [locale]) if table is None else table

        return Derivation(
            {locale: tuple(store.parts[locale]) for locale in locales},
            rows,
            store.inventory,
            store.character_locales & {*locales},
            made.report(),
            {LIST: "".join("\t".join(line) + "\n" for line in (_LISTED, *made.lines))},
        )

    def _inflect(
        self,
        part: LabelledRows,
        inflector: Inflector,
        where: tuple[str, str],
        made: _Made,
        store: Store,
    ) -> None:
        locale, partition = where
        variants = RewrittenRows(part, locale, locale in store.character_locales, taken={*part.ids})
        seed = [self.seed, zlib.crc32(" ".join(where).encode())]
        changes: Counter[str] = Counter()
        of_row: Counter[int] = Counter()
        for inflected in inflector.inflected(part.phrases, np.random.default_rng(seed)):
            of_row[inflected.row] += 1
            suffix = f"{_ENDING}{of_row[inflected.row]}" if self.variants > 1 else _ENDING
            name = variants.add(inflected.row, suffix, inflected.phrases)
            variant = inflected.inflection.variant
            changes[variant.change] += 1
            before, after = variant.before, variant.after
            line = (locale, partition, name, inflected.word, after.form, variant.change)
            made.lines.append((*line, after.lemma, before.features, after.features))
        table = variants.table()
        made.tables[where] = pa.concat_tables([part.table, table]) if self.originals else table
        made.count(locale, len(part), len(of_row), changes)


@dataclass(slots=True)
class _Made:
    """What was made.

    Attributes:
        tables: The rows by locale and partition.
        lines: What was changed in each variant.
        facts: Counts by locale.
    """

    tables: dict[tuple[str, str], pa.Table] = field(default_factory=dict)
    lines: list[tuple[str, ...]] = field(default_factory=list)
    facts: dict[str, Counter[str]] = field(default_factory=dict)

    def count(self, locale: str, rows: int, inflected: int, changes: Counter[str]) -> None:
        """Adds what was made of a partition."""
        counts = self.facts.setdefault(locale, Counter(dict.fromkeys(("rows", *CHANGES), 0)))
        counts.update({"rows": rows, "rows_inflected": inflected, **changes})

    def report(self) -> DerivationReport:
        """What there is to say of it."""
        table = ReportTable(
            ("language", "rows", "rows with a variant", *CHANGES),
            tuple(
                (locale, *(f"{counts[key]:,}" for key in ("rows", "rows_inflected", *CHANGES)))
                for locale, counts in self.facts.items()
            ),
        )
        facts = {locale: dict(counts) for locale, counts in self.facts.items()}
        return DerivationReport({"languages": facts}, table=table)
