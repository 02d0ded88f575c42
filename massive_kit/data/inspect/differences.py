"""How two stores differ: by locale, partition, id and column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from massive_kit.data.store import SCHEMA, Store

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class PartDifference:
    """How one locale and partition differ.

    Attributes:
        locale: The locale.
        partition: The partition.
        only_a: Ids that only the first store has.
        only_b: Ids that only the second has.
        changed: Ids of both whose column differs, by column.
        moved: Whether the ids that both have stand in another order.
    """

    locale: str
    partition: str
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    changed: dict[str, tuple[str, ...]]
    moved: bool

    @property
    def empty(self) -> bool:
        """Whether there is no difference."""
        return not (self.only_a or self.only_b or self.changed or self.moved)

    def to_json(self) -> dict[str, Any]:
        """Counts, and some ids each."""
        return {
            "locale": self.locale,
            "partition": self.partition,
            "only_a": _told(self.only_a),
            "only_b": _told(self.only_b),
            "changed": {column: _told(ids) for column, ids in self.changed.items()},
            "moved": self.moved,
        }


def compare_stores(a: Store, b: Store) -> list[PartDifference]:
    """All parts that differ, by locale and partition; an empty list for equal data."""
    keys = sorted(
        {(locale, name) for s in (a, b) for locale in s.parts for name in s.parts[locale]}
    )
    differences = [_compare(a, b, locale, name) for locale, name in keys]
    return [part for part in differences if not part.empty]


def _compare(a: Store, b: Store, locale: str, partition: str) -> PartDifference:
    part_a = a.parts.get(locale, {}).get(partition)
    part_b = b.parts.get(locale, {}).get(partition)
    if part_a and part_b and part_a.sha256 == part_b.sha256:
        return PartDifference(locale, partition, (), (), {}, moved=False)
    left = a.read(partition, [locale]) if part_a else SCHEMA.empty_table()
    right = b.read(partition, [locale]) if part_b else SCHEMA.empty_table()
    ids_a, ids_b = left.column("id").combine_chunks(), right.column("id").combine_chunks()
    only_a = ids_a.filter(pc.invert(pc.is_in(ids_a, value_set=ids_b)))
    only_b = ids_b.filter(pc.invert(pc.is_in(ids_b, value_set=ids_a)))
    where = pc.index_in(ids_a, value_set=ids_b)
    both = left.filter(where.is_valid())
    other = right.take(where.drop_null())
    order = where.drop_null().to_numpy()
    changed = {}
    for column in SCHEMA.names:
        ids = _changed(both.column("id"), both.column(column), other.column(column))
        if ids:
            changed[column] = ids
    moved = bool(len(order) and (order[1:] < order[:-1]).any())
    return PartDifference(
        locale, partition, tuple(only_a.to_pylist()), tuple(only_b.to_pylist()), changed, moved
    )


def _changed(ids: pa.ChunkedArray, a: pa.ChunkedArray, b: pa.ChunkedArray) -> tuple[str, ...]:
    if a.equals(b):
        return ()
    pairs = zip(ids.to_pylist(), a.to_pylist(), b.to_pylist(), strict=True)
    return tuple(name for name, before, after in pairs if before != after)


def _told(ids: tuple[str, ...]) -> dict[str, Any]:
    return {"count": len(ids), "ids": list(ids[:_EXAMPLES])}
