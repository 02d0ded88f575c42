"""Picking rows of a store, to look at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from massive_kit.data.store import Store
from massive_kit.errors import MissingDataError, UsageError


def select_rows(
    store: Store,
    locale: str,
    partition: str | None = None,
    *,
    count: int,
    intent: str | None = None,
    slot: str | None = None,
    ids: Sequence[str] | None = None,
    seed: int | None = None,
) -> list[dict[str, Any]]:
    """The first `count` rows that fit, or with a seed a random choice of them in file order.

    Args:
        store: The data.
        locale: The locale.
        partition: Its partition; by default the one with most rows, or with `ids` any.
        count: At most so many.
        intent: Only rows with this intent.
        slot: Only rows with this slot.
        ids: Only these ids.
        seed: Seed of the draw; `None` takes the first.

    Raises:
        MissingDataError: The store lacks the locale or the partition.
        UsageError: The store has no such intent or slot.
    """
    if intent is not None and intent not in store.inventory.intents:
        raise UsageError(f"no intent {intent!r}; `data stats --labels intents` lists them")
    if slot is not None and slot not in store.inventory.slots:
        raise UsageError(f"no slot {slot!r}; `data stats --labels slots` lists them")
    parts = store.parts.get(locale)
    if not parts:
        known = ", ".join(store.locales)
        raise MissingDataError(f"the store {store.name} has no locale {locale}; it has {known}")
    if partition is not None:
        names = [partition]
    elif ids:
        names = sorted(parts)
    else:
        names = [max(parts, key=lambda name: parts[name].rows)]
    table = pa.concat_tables([store.read(name, [locale]) for name in names]).combine_chunks()
    keep = np.ones(len(table), bool)
    if intent is not None:
        keep &= _mask(pc.equal(table.column("intent"), intent))
    if slot is not None:
        has = [slot in (labels or ()) for labels in table.column("labels").to_pylist()]
        keep &= np.array(has, bool)
    if ids:
        keep &= _mask(pc.is_in(table.column("id"), value_set=pa.array([*ids], pa.string())))
    rows = np.flatnonzero(keep)
    if seed is not None and len(rows) > count:
        rows = np.sort(np.random.default_rng(seed).choice(rows, count, replace=False))
    return list(table.take(pa.array(rows[:count])).to_pylist())


def _mask(values: Any) -> Any:
    return values.fill_null(False).to_numpy(zero_copy_only=False)
