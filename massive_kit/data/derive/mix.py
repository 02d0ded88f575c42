"""Several languages in proportions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pyarrow as pa

from massive_kit.data.derivation import (
    Derivation,
    DerivationReport,
    ReportTable,
    Transform,
    parameter,
)
from massive_kit.data.inventory import Inventory
from massive_kit.data.locale_values import locale_numbers
from massive_kit.data.proportions import allotted, weights_by_size
from massive_kit.data.split import draw_rank
from massive_kit.data.store import SCHEMA, Store
from massive_kit.errors import MissingDataError, UsageError

# Of the ids of rows that are taken again.
_AGAIN = "again"
# Locales that a line names.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Mix(Transform):
    """How many rows of each language to take.

    Attributes:
        partitions: The partitions that are mixed; others are taken over whole.
        total: How many rows in all, or `None` for as many as there are, caps included.
        temperature: Languages are weighted by their rows to the power of one over this.
        weights: `LOCALE=NUMBER`: what a language's weight is multiplied by.
        most: At most so many distinct rows of a language, or `None`.
        caps: `LOCALE=ROWS`: the same of one language.
        repeats: How often a row may be taken.
        seed: Of the draws.
    """

    description: ClassVar[str] = (
        "Mix languages in proportions: by size and temperature, with caps, with repeats.\n\n"
        "Each language is weighted by its rows to the power of 1/temperature: 1 takes it as large"
        " as it is, inf all alike, which with --repeats is UniMax. Caps limit distinct rows; what a"
        " language may not have goes to the others. Rows are drawn by their ids, so that a larger"
        " draw holds a smaller one, and repeated rows have ids of their own. Rows of several"
        " stores are put together."
    )
    several: ClassVar[bool] = True

    partitions: tuple[str, ...] = parameter(("train",), "What to mix; repeatable.", "--partition")
    total: int | None = parameter(None, "How many rows in all.", "--n", "-n")
    temperature: float = parameter(1.0, "1: as large as they are; inf: all alike.", "--temperature")
    weights: tuple[str, ...] = parameter(
        (), "LOCALE=NUMBER: multiply a language's weight; repeatable.", "--weight"
    )
    most: int | None = parameter(None, "At most so many rows of each language.", "--cap")
    caps: tuple[str, ...] = parameter(
        (), "LOCALE=ROWS: at most so many rows of one; repeatable.", "--cap-of"
    )
    repeats: int = parameter(1, "Take a row at most so many times.", "--repeats")
    seed: int = parameter(0, "Seed of the draws.")

    def id_endings(self, stores: Sequence[Store]) -> tuple[str, ...]:
        """That of rows taken again, and the stores' names, for an id that several have."""
        return (_AGAIN, *(store.name for store in stores))

    def holders(self, stores: Sequence[Store], locale: str, partition: str) -> list[Store]:
        """All stores that have it, where it is mixed; else the first of them."""
        having = Transform.holders(self, stores, locale, partition)
        return having if partition in self.partitions else having[:1]

    def derivation(self, stores: Sequence[Store], locales: Sequence[str]) -> Derivation:
        """The rows, mixed.

        Raises:
            MissingDataError: No store has one of the partitions.
            UsageError: A number is out of its range, or the stores do not go together.
        """
        self._check(stores)
        sources = {
            locale: [store for store in stores if locale in store.parts] for locale in locales
        }
        shares = {name: self._shares(sources, name) for name in self.partitions}

        def rows(locale: str, partition: str) -> pa.Table:
            holding = self.holders(stores, locale, partition)
            if partition not in shares:
                return holding[0].read(partition, [locale])
            table = _together(holding, locale, partition)
            return self._drawn(table, partition, shares[partition][locale])

        partitions = {
            locale: tuple(
                name
                for name in dict.fromkeys(n for store in holding for n in store.parts[locale])
                if name not in shares or shares[name][locale].taken
            )
            for locale, holding in sources.items()
        }
        return Derivation(
            {locale: names for locale, names in partitions.items() if names},
            rows,
            _joined([store.inventory for store in stores]),
            frozenset().union(*(store.character_locales for store in stores)) & {*locales},
            replace(_report(shares), warnings=self._left_out(stores, locales)),
        )

    def _check(self, stores: Sequence[Store]) -> None:
        problems = [
            f"{flag} {value} is not positive"
            for flag, value in (
                ("--n", self.total),
                ("--cap", self.most),
                ("--repeats", self.repeats),
            )
            if value is not None and value < 1
        ]
        if not self.temperature > 0:
            problems.append(f"--temperature {self.temperature:g} is not above 0")
        if len({store.inventory.scheme for store in stores}) > 1:
            problems.append("the stores count touching spans in different ways (--scheme)")
        if problems:
            raise UsageError("; ".join(problems))

    def _shares(self, sources: Mapping[str, Sequence[Store]], partition: str) -> dict[str, _Share]:
        """What is taken of each locale that has a row."""
        sizes = {
            locale: sum(
                store.parts[locale][partition].rows
                for store in holding
                if partition in store.parts[locale]
            )
            for locale, holding in sources.items()
        }
        if not any(sizes.values()):
            raise MissingDataError(f"no store has rows of the partition {partition}")
        weights, caps = self._numbers(sizes)
        distinct = {
            locale: min(size, caps.get(locale, self.most or size)) for locale, size in sizes.items()
        }
        total = sum(distinct.values()) if self.total is None else self.total
        most = {locale: self.repeats * rows for locale, rows in distinct.items()}
        taken = allotted(total, weights_by_size(distinct, self.temperature, weights), most)
        return {
            locale: _Share(size, distinct[locale], taken[locale]) for locale, size in sizes.items()
        }

    def _numbers(self, locales: Collection[str]) -> tuple[dict[str, float], dict[str, int]]:
        """Weights and caps by locale.

        Raises:
            UsageError: Some are wrong; all are told.
        """
        problems = []
        given: dict[str, dict[str, float]] = {"--weight": {}, "--cap-of": {}}
        for flag, values in (("--weight", self.weights), ("--cap-of", self.caps)):
            try:
                given[flag] = locale_numbers(values, flag, locales)
            except UsageError as error:
                problems.append(str(error))
        problems += [
            f"--cap-of {locale}={rows:g} is not a whole number of rows"
            for locale, rows in given["--cap-of"].items()
            if rows != int(rows)
        ]
        if problems:
            raise UsageError("; ".join(problems))
        return given["--weight"], {locale: int(rows) for locale, rows in given["--cap-of"].items()}

    def _left_out(self, stores: Sequence[Store], locales: Sequence[str]) -> tuple[str, ...]:
        """What is not taken over, since the same part of an earlier store is, in other rows."""
        left_out: dict[tuple[str, str, str], list[str]] = {}
        for locale in locales:
            first: dict[str, Store] = {}
            for store in stores:
                for partition, part in store.parts.get(locale, {}).items():
                    taken = first.setdefault(partition, store)
                    same = part.content == taken.parts[locale][partition].content
                    if partition not in self.partitions and not same:
                        key = (partition, taken.name, store.name)
                        left_out.setdefault(key, []).append(locale)
        lines = []
        for (partition, name, other), named in left_out.items():
            shown = ", ".join(named[:_SHOWN]) + ", ..." * (len(named) > _SHOWN)
            lines.append(
                f"{partition} of {shown} is that of {name} alone; the rows of {other} are left out"
                f" (--partition {partition} mixes them, too)"
            )
        return tuple(lines)

    def _drawn(self, table: pa.Table, partition: str, share: _Share) -> pa.Table:
        """The rows that are taken: all distinct ones first, and then again."""
        ids = table.column("id").to_pylist()
        order = sorted(range(len(ids)), key=lambda row: draw_rank(self.seed, partition, ids[row]))
        chosen, known = order[: share.distinct], {*ids}
        tables = [table.slice(0, 0)]
        for start in range(0, share.taken, max(len(chosen), 1)):
            part = sorted(chosen[: share.taken - start])
            rows = table.take(pa.array(part, pa.int64()))
            if start:
                turn = start // len(chosen) + 1
                again = [_free(f"{ids[row]}-{_AGAIN}{turn}", _AGAIN, known) for row in part]
                rows = rows.set_column(0, SCHEMA.field("id"), pa.array(again, pa.string()))
            tables.append(rows)
        return pa.concat_tables(tables)


@dataclass(frozen=True, slots=True)
class _Share:
    """What is taken of a locale.

    Attributes:
        there: Rows that there are.
        distinct: Rows that may be taken.
        taken: Rows that are taken, repeats included.
    """

    there: int
    distinct: int
    taken: int


def _together(stores: Sequence[Store], locale: str, partition: str) -> pa.Table:
    """The rows of a part of several stores; an id that occurs again says of which store it is."""
    tables = []
    taken: set[str] = set()
    for store in stores:
        table = store.read(partition, [locale])
        names = table.column("id").to_pylist()
        if not taken.isdisjoint(names):
            names = [_free(name, store.name, taken) for name in names]
            table = table.set_column(0, SCHEMA.field("id"), pa.array(names, pa.string()))
        taken |= {*names}
        tables.append(table)
    return pa.concat_tables(tables)


def _free(name: str, suffix: str, taken: Collection[str]) -> str:
    while name in taken:
        name = f"{name}-{suffix}"
    return name


def _joined(inventories: Sequence[Inventory]) -> Inventory:
    """The labels of all stores; those of the first where it has all."""
    first = inventories[0]
    intents = {intent for inventory in inventories for intent in inventory.intents}
    slots = {slot for inventory in inventories for slot in inventory.slots}
    if intents <= {*first.intents} and slots <= {*first.slots}:
        return first
    pairs = [
        (intent, inventory.scenarios.get(intent))
        for inventory in inventories
        for intent in inventory.intents
    ]
    return Inventory.of(pairs, slots, first.scheme)


def _report(shares: Mapping[str, Mapping[str, _Share]]) -> DerivationReport:
    facts: dict[str, Any] = {}
    lines = []
    for partition, of_partition in shares.items():
        total = sum(share.taken for share in of_partition.values())
        for locale, share in of_partition.items():
            if not share.there:
                continue
            times = share.taken / share.distinct if share.distinct else 0.0
            facts.setdefault(partition, {})[locale] = {
                "rows": share.there,
                "taken": share.taken,
                "share": round(share.taken / total, 6),
                "times": round(times, 4),
            }
            numbers = (f"{share.there:,}", f"{share.taken:,}")
            lines.append(
                (locale, partition, *numbers, f"{100 * share.taken / total:.1f}", f"{times:.2f}")
            )
    head = ("language", "partition", "rows", "taken", "percent", "times")
    return DerivationReport({"mixed": facts}, table=ReportTable(head, tuple(lines)))
