"""Utterances with slips of the hand."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from massive_kit.data.derivation import (
    Derivation,
    DerivationReport,
    ReportTable,
    Transform,
    parameter,
)
from massive_kit.data.rewriting import LabelledRows, RewrittenRows
from massive_kit.data.store import Store
from massive_kit.data.typing_errors import SLIPS, Typist, usual_slips
from massive_kit.errors import UsageError
from massive_kit.languages import LanguageTable

# Of the ids of its rows.
_ENDING = "noise"


@dataclass(frozen=True, slots=True)
class Noise(Transform):
    """How to mistype.

    Attributes:
        partitions: The partitions that get noisy rows; others are taken over whole.
        rate: Share of words with a slip.
        slips: The kinds of slips.
        never: Slots that are left as they are.
        copies: Noisy rows of each row.
        originals: Whether the rows themselves are kept.
        seed: Of all draws.
    """

    description: ClassVar[str] = (
        "Add utterances with slips of the hand: signs swapped, dropped, doubled or mistaken.\n\n"
        "Whole signs are moved, never a part of one, and none that a zero-width joiner holds; words"
        " of fewer than three signs stay, so that no token is lost and labels stay right. Keys"
        " beside the right one are those of QWERTY, in languages of Latin script alone. It uses no"
        " resource."
    )

    partitions: tuple[str, ...] = parameter(
        ("train",), "What to make noisy; repeatable.", "--partition"
    )
    rate: float = parameter(0.1, "Share of words with a slip.", "--rate")
    slips: tuple[str, ...] = parameter(
        SLIPS, "swap, drop, double or neighbour; repeatable.", "--slip"
    )
    never: tuple[str, ...] = parameter((), "Never in this slot; repeatable.", "--never")
    copies: int = parameter(1, "Noisy rows of each row.", "--copies")
    originals: bool = parameter(
        True, "Keep the rows themselves, too.", "--originals/--no-originals"
    )
    seed: int = parameter(0, "Seed of all draws.")

    def id_endings(self, stores: Sequence[Store]) -> tuple[str, ...]:
        """That of the rows it makes."""
        del stores
        return (_ENDING,)

    def derivation(self, stores: Sequence[Store], locales: Sequence[str]) -> Derivation:
        """The rows and their noisy ones.

        Raises:
            MissingDataError: No locale has one of the partitions.
            UsageError: A number is out of its range, or there is no such slip.
        """
        (store,) = stores
        if unknown := [name for name in self.slips if name not in SLIPS]:
            raise UsageError(f"--slip {', '.join(unknown)}; there are {', '.join(SLIPS)}")
        if not 0 <= self.rate <= 1 or self.copies < 1:
            raise UsageError("--rate is between 0 and 1, and --copies 1 or more")
        made = {
            (locale, partition): self._noisy(store, locale, partition)
            for locale in locales
            for partition in self.partitions
        }

        def rows(locale: str, partition: str) -> pa.Table:
            part = made.get((locale, partition))
            return store.read(partition, [locale]) if part is None else part.table

        return Derivation(
            {locale: tuple(store.parts[locale]) for locale in locales},
            rows,
            store.inventory,
            store.character_locales & {*locales},
            _report(
                {locale: [made[locale, name] for name in self.partitions] for locale in locales}
            ),
        )

    def _noisy(self, store: Store, locale: str, partition: str) -> _Part:
        part = LabelledRows.read(store, locale, partition)
        noisy = RewrittenRows(part, locale, locale in store.character_locales, taken={*part.ids})
        script = LanguageTable.shipped()[locale].get("script")
        kinds = [slip for slip in SLIPS if slip in self.slips]
        typist = Typist(usual_slips(kinds, script), self.rate, self.never)
        slips: Counter[str] = Counter()
        where = zlib.crc32(f"{locale} {partition}".encode())
        for copy in range(1, self.copies + 1):
            suffix = f"{_ENDING}{copy}" if self.copies > 1 else _ENDING
            generator = np.random.default_rng([self.seed, where, copy])
            for slipped in typist.slipped(part.phrases, generator):
                noisy.add(slipped.row, suffix, slipped.phrases)
                slips.update(slipped.slips)
        table = noisy.table()
        both = pa.concat_tables([part.table, table]) if self.originals else table
        return _Part(both, len(part), len(noisy), slips)


@dataclass(frozen=True, slots=True)
class _Part:
    """What was made of a locale and partition.

    Attributes:
        table: Its rows.
        rows: How many there were.
        noisy: How many noisy ones there are.
        slips: How many slips of each kind.
    """

    table: pa.Table
    rows: int
    noisy: int
    slips: Counter[str]


def _report(parts: dict[str, list[_Part]]) -> DerivationReport:
    facts: dict[str, dict[str, int]] = {}
    for locale, of_locale in parts.items():
        slips = sum((part.slips for part in of_locale), Counter[str]())
        facts[locale] = {
            "rows": sum(part.rows for part in of_locale),
            "noisy": sum(part.noisy for part in of_locale),
            **{slip: slips[slip] for slip in SLIPS},
        }
    table = ReportTable(
        ("language", "rows", "noisy rows", *SLIPS),
        tuple(
            (locale, *(f"{number:,}" for number in counts.values()))
            for locale, counts in facts.items()
        ),
    )
    return DerivationReport({"languages": facts}, table=table)
