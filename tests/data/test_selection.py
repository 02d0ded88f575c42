"""Rows of a store to look at."""

from __future__ import annotations

import pytest

from massive_kit.data.selection import select_rows
from massive_kit.data.store import Store
from massive_kit.errors import MissingDataError, UsageError


def test_rows_to_look_at(demo_store: Store) -> None:
    rows = select_rows(demo_store, "km-KH", count=4)
    assert [row["partition"] for row in rows] == ["train"] * 4
    intent = rows[0]["intent"]
    chosen = select_rows(demo_store, "km-KH", "test", count=3, intent=intent, seed=1)
    assert {row["intent"] for row in chosen} == {intent}
    assert chosen == select_rows(demo_store, "km-KH", "test", count=3, intent=intent, seed=1)
    slot = next(label for row in rows for label in row["labels"] if label != "Other")
    assert all(
        slot in row["labels"] for row in select_rows(demo_store, "km-KH", count=5, slot=slot)
    )
    (row,) = select_rows(demo_store, "km-KH", count=5, ids=[rows[2]["id"]])
    assert row == rows[2]
    with pytest.raises(UsageError, match="no intent"):
        select_rows(demo_store, "km-KH", count=5, intent="x")
    with pytest.raises(UsageError, match="no slot"):
        select_rows(demo_store, "km-KH", count=5, slot="x")
    with pytest.raises(MissingDataError, match="no locale xx-XX"):
        select_rows(demo_store, "xx-XX", count=5)
