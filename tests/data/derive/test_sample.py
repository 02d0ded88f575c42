"""Samples: nested, seeded, the same ids in every locale; and rows their judges approve of."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massive_kit import content
from massive_kit.data.derivation import derive
from massive_kit.data.derive.sample import Sample
from massive_kit.data.intake.importing import import_data
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.errors import MissingDataError, UsageError

LOCALES = ("en-US", "ja-JP", "km-KH")


def take(store: Store, folder: Path, sample: Sample, locales: tuple[str, ...] = LOCALES) -> Store:
    return derive(store, sample, folder, name="s", locales=locales).store


def ids(store: Store, locale: str, partition: str = "train") -> list[str]:
    return list(store.read(partition, [locale], ["id"]).column("id").to_pylist())


def test_k_of_each_intent_the_same_in_every_locale(demo_store: Store, tmp_path: Path) -> None:
    derived = derive(demo_store, Sample(per_intent=2), tmp_path / "s", name="s", locales=LOCALES)
    store = derived.store
    assert derived.report.facts == {"judged_out": {}, "parallel": True, "short": []}
    assert ids(store, "en-US") == ids(store, "ja-JP") == ids(store, "km-KH")
    rows = store.read("train", ["km-KH"]).to_pylist()
    assert set(Counter(row["intent"] for row in rows).values()) == {2}
    assert store.parts["en-US"]["test"].content == demo_store.parts["en-US"]["test"].content
    assert store.character_locales == {"ja-JP"}
    assert store.version == ""
    order = ids(demo_store, "en-US")
    assert [order.index(name) for name in ids(store, "en-US")] == sorted(
        order.index(name) for name in ids(store, "en-US")
    )


@settings(max_examples=8)
@given(seed=st.integers(0, 5), small=st.integers(1, 4), more=st.integers(0, 4))
def test_nested(
    demo_store: Store, tmp_path_factory: pytest.TempPathFactory, seed: int, small: int, more: int
) -> None:
    folder = tmp_path_factory.mktemp("nested")
    for number, make in enumerate((_per_intent, _total)):
        a = take(demo_store, folder / f"a{number}", make(small, seed), ("en-US",))
        b = take(demo_store, folder / f"b{number}", make(small + more, seed), ("en-US",))
        assert set(ids(a, "en-US")) <= set(ids(b, "en-US"))
        again = take(demo_store, folder / f"c{number}", make(small, seed), LOCALES)
        assert ids(again, "en-US") == ids(a, "en-US")


def _per_intent(k: int, seed: int) -> Sample:
    return Sample(per_intent=k, seed=seed)


def _total(n: int, seed: int) -> Sample:
    return Sample(total=7 * n, seed=seed)


def test_seeds_differ_and_zero_is_one(demo_store: Store, tmp_path: Path) -> None:
    drawn = [
        ids(take(demo_store, tmp_path / str(seed), Sample(total=20, seed=seed)), "en-US")
        for seed in range(3)
    ]
    assert len({tuple(names) for names in drawn}) == 3
    assert all(len(names) == 20 for names in drawn)


def test_more_than_there_is(demo_store: Store, tmp_path: Path) -> None:
    derived = derive(
        demo_store, Sample(per_intent=10_000), tmp_path / "s", name="s", locales=("en-US",)
    )
    assert derived.rows["train"] == demo_store.parts["en-US"]["train"].rows
    assert len(derived.report.facts["short"]) == 26


def test_wrong_wishes(demo_store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot draw 0"):
        take(demo_store, tmp_path / "s", Sample(total=0))
    with pytest.raises(UsageError, match="say what to take"):
        take(demo_store, tmp_path / "s", Sample())
    with pytest.raises(MissingDataError, match="no locale xx-XX"):
        take(demo_store, tmp_path / "s", Sample(total=1), ("xx-XX",))
    with pytest.raises(MissingDataError, match="no partition x"):
        take(demo_store, tmp_path / "s", Sample(total=1, partitions=("x",)))
    assert not (tmp_path / "s").exists()


def judged(folder: Path, scores: dict[str, dict[str, list[int] | None]]) -> Store:
    lines = []
    for locale, rows in scores.items():
        for name, values in rows.items():
            row: dict[str, Any] = {
                "id": name,
                "locale": locale,
                "partition": "train",
                "intent": "alarm_set",
                "utt": "x",
                "annot_utt": "x",
            }
            if values is not None:
                row["judgments"] = [{"worker_id": "1", "intent_score": v} for v in values]
            lines.append(json.dumps(row))
    (folder / "x.jsonl").write_text("\n".join(lines))
    return import_data(folder / "x.jsonl", folder / "store", name="x")


SCORES: dict[str, dict[str, list[int] | None]] = {
    "de-DE": {"1": [0, 0, 1], "2": [1, 1, 0], "3": None, "4": [0, 1]},
    "fr-FR": {"1": [1, 1, 1], "2": [0, 0, 0], "3": [2, 2, 2], "4": [1]},
}


def test_the_majority_of_judges_decides(tmp_path: Path) -> None:
    store = judged(tmp_path, SCORES)
    derived = derive(store, Sample(least=1), tmp_path / "s", name="s")
    assert ids(derived.store, "de-DE") == ["2", "3", "4"]
    assert ids(derived.store, "fr-FR") == ["1", "3", "4"]
    assert derived.report.facts["judged_out"] == {"de-DE": 1, "fr-FR": 1}


def test_a_draw_among_rows_that_are_good_everywhere(tmp_path: Path) -> None:
    store = judged(tmp_path, SCORES)
    derived = derive(store, Sample(least=1, total=9), tmp_path / "s", name="s")
    assert ids(derived.store, "de-DE") == ids(derived.store, "fr-FR") == ["3", "4"]


def test_ids_that_are_not_parallel(tmp_path: Path) -> None:
    store = judged(tmp_path, {"de-DE": dict.fromkeys("abcd"), "fr-FR": dict.fromkeys("cdefg")})
    derived = derive(store, Sample(total=3), tmp_path / "s", name="s")
    assert not derived.report.facts["parallel"]
    assert (
        derived.store.parts["de-DE"]["train"].rows
        == derived.store.parts["fr-FR"]["train"].rows
        == 3
    )


@pytest.mark.realdata
def test_real_judgments(shared_data: Path, tmp_path: Path) -> None:
    store = import_data(shared_data / "with-judgments", tmp_path / "a", name="j")
    sample = Sample(least=1, partitions=("dev", "test"))
    assert derive(store, sample, tmp_path / "b", name="s").report.facts["judged_out"] == {
        "de-DE": 105,
        "sw-KE": 6,
    }


def test_a_cap_draws_the_same_ids_everywhere_and_not_the_head(demo_store: Store) -> None:
    drawn = {}
    for locale in ("en-US", "km-KH"):
        ids = demo_store.read("train", [locale], ["id"]).column("id").to_pylist()
        rows = DataSplit(demo_store, "train", (locale,)).capped_rows(20)
        assert rows is not None
        drawn[locale] = [ids[row] for row in rows]
        assert drawn[locale] != ids[:20]
        more = DataSplit(demo_store, "train", (locale,)).capped_rows(40)
        assert more is not None
        assert set(rows) < set(more)
    assert drawn["en-US"] == drawn["km-KH"]
    assert DataSplit(demo_store, "train", ("en-US",)).capped_rows(10_000) is None


def test_a_stratified_sample_is_as_like_the_whole_as_its_size_allows(
    demo_store: Store, tmp_path: Path
) -> None:
    wanted = Sample(total=31, stratified=True, partitions=("test",))
    store = take(demo_store, tmp_path / "s", wanted)
    assert len(ids(store, "en-US", "test")) == 31
    assert ids(store, "en-US", "test") == ids(store, "km-KH", "test")
    # Of 26 intents that are as frequent, five have one more.
    counts = Counter(store.read("test", ["ja-JP"], ["intent"]).column("intent").to_pylist())
    assert sorted(counts.values()) == [1] * 21 + [2] * 5
    again = take(demo_store, tmp_path / "t", wanted, ("ja-JP",))
    assert ids(again, "ja-JP", "test") == ids(store, "ja-JP", "test")
    everything = Sample(total=9999, stratified=True, partitions=("test",))
    whole = take(demo_store, tmp_path / "u", everything)
    assert ids(whole, "en-US", "test") == ids(demo_store, "en-US", "test")


def test_the_ids_drawn_are_listed_beside_the_store(demo_store: Store, tmp_path: Path) -> None:
    wanted = Sample(total=5, seed=3, partitions=("test", "dev"))
    store = take(demo_store, tmp_path / "s", wanted)
    first, *listed = (store.path / "ids-test.txt").read_text().splitlines()
    assert first == "# 5 ids of test of demo, drawn with seed 3"
    assert listed == ids(store, "en-US", "test")
    assert (store.path / "ids-dev.txt").is_file()
    assert not (store.path / "ids-train.txt").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        Sample(per_intent=2, stratified=True),
        Sample(total=9, per_intent=2, stratified=True),
        Sample(least=1, stratified=True),
    ],
)
def test_stratified_needs_a_total(demo_store: Store, tmp_path: Path, wrong: Sample) -> None:
    with pytest.raises(UsageError, match="goes with --n"):
        take(demo_store, tmp_path / "s", wrong)


@pytest.mark.realdata
def test_the_shipped_list_is_what_its_command_draws(real_store: Store) -> None:
    listed = content.installed_root() / "tasks" / "massive-lite-200.txt"
    wanted = Sample(total=200, stratified=True, partitions=("test",))
    texts = wanted.derivation([real_store], real_store.locales).texts["ids-test.txt"]
    drawn = [line for line in texts.splitlines() if not line.startswith("#")]
    shipped = [line for line in listed.read_text().splitlines() if not line.startswith("#")]
    assert drawn == shipped


def _numbered_store(folder: Path, intents: dict[str, list[str | None]]) -> Store:
    """Locales of the same ids, by position."""
    folder.mkdir()
    rows = [
        {
            "id": str(number),
            "locale": locale,
            "partition": "train",
            "utt": f"{intent} {number}",
            **({} if intent is None else {"intent": intent, "annot_utt": f"{intent} {number}"}),
        }
        for locale, of_locale in intents.items()
        for number, intent in enumerate(of_locale)
    ]
    (folder / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return import_data(folder / "x.jsonl", folder / "store", name="x")


def test_ids_that_coincide_are_not_parallel_where_intents_differ(tmp_path: Path) -> None:
    store = _numbered_store(tmp_path / "x", {"en-US": [*"aabbcc"], "de-DE": [*"abcabc"]})
    derived = derive(store, Sample(per_intent=1), tmp_path / "s", name="s")
    for locale in ("en-US", "de-DE"):
        rows = derived.store.read("train", [locale]).to_pylist()
        assert sorted(row["intent"] for row in rows) == ["a", "b", "c"]
    assert "drawn on its own" in derived.report.warnings[0]
    assert not (tmp_path / "s" / "ids-train.txt").exists()
    # Without intents to draw by, the same ids are the same draw.
    assert derive(store, Sample(total=2), tmp_path / "n", name="n").report.facts["parallel"]


def test_a_locale_without_labels_gets_the_ids_of_the_others(tmp_path: Path) -> None:
    store = _numbered_store(tmp_path / "x", {"de-DE": [None] * 6, "en-US": [*"aabbcc"]})
    derived = derive(store, Sample(per_intent=1), tmp_path / "s", name="s")
    assert derived.report.facts["parallel"]
    assert len(ids(derived.store, "de-DE")) == 3
    assert ids(derived.store, "de-DE") == ids(derived.store, "en-US")
