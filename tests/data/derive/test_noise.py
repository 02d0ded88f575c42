"""Noisy rows beside the rows: labels kept, seeded, no resource."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.derivation import derive
from massive_kit.data.derive.noise import Noise
from massive_kit.data.store import Store
from massive_kit.errors import UsageError


def noisy(store: Store, folder: Path, **parameters: Any) -> Any:
    locales = ("en-US", "hi-IN", "ja-JP")
    return derive(store, Noise(**parameters), folder / "out", name="out", locales=locales)


def test_rows_and_their_noisy_ones(demo_store: Store, tmp_path: Path) -> None:
    derived = noisy(demo_store, tmp_path, rate=0.3)
    store = derived.store
    assert store.lineage.resources == ()
    for locale in store.locales:
        rows = {row["id"]: row for row in store.read("train", [locale]).to_pylist()}
        made = {name: row for name, row in rows.items() if name.endswith("-noise")}
        assert len(rows) - len(made) == demo_store.parts[locale]["train"].rows
        for name, row in made.items():
            old = rows[name.removesuffix("-noise")]
            assert row["utt"] != old["utt"]
            assert (row["labels"], row["intent"]) == (old["labels"], old["intent"])
    facts = derived.report.facts["languages"]
    assert facts["en-US"]["neighbour"] > 0
    assert facts["hi-IN"]["neighbour"] == 0
    assert facts["hi-IN"]["swap"] > 0
    again = noisy(demo_store, tmp_path / "again", rate=0.3).store
    assert again.hash == store.hash
    assert noisy(demo_store, tmp_path / "other", rate=0.3, seed=1).store.hash != store.hash


def test_choices(demo_store: Store, tmp_path: Path) -> None:
    derived = noisy(demo_store, tmp_path, copies=2, originals=False, slips=("drop",))
    ids = derived.store.read("train", ["en-US"], ["id"]).column(0).to_pylist()
    assert {name.rpartition("-")[2] for name in ids} == {"noise1", "noise2"}
    assert derived.report.facts["languages"]["en-US"]["swap"] == 0
    with pytest.raises(UsageError, match="--slip x; there are swap, drop, double, neighbour"):
        noisy(demo_store, tmp_path, slips=("x",))
    with pytest.raises(UsageError, match="--rate is between 0 and 1"):
        noisy(demo_store, tmp_path, rate=2.0)
