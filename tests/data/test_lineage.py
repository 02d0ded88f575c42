"""A store knows what it was made of, and what was used for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from massive_kit.data.derivation import derive
from massive_kit.data.derive.sample import Sample
from massive_kit.data.id_origins import id_origin
from massive_kit.data.lineage import Lineage, Parent, UsedResource
from massive_kit.data.store import INDEX, Store
from massive_kit.errors import DataError

TRANSLATED = Lineage("translate", {"to": "de-DE"}, ("machine-translation",), (Parent("1.1", "a"),))
MIXED = Lineage(
    "mix", {}, ("lexicon",), (Parent("translated", "b", TRANSLATED), Parent("own", "c"))
)


def sampled(k: int, *parents: Parent) -> Lineage:
    return Lineage("sample", {"per_intent": k, "partitions": ["train"]}, (), parents)


def test_what_was_used_is_told_with_the_chain_that_leads_there() -> None:
    assert list(MIXED.used("mixed")) == [
        UsedResource("lexicon", ("store mixed",)),
        UsedResource("machine-translation", ("store mixed", "store translated")),
    ]
    (used,) = TRANSLATED.used("translated")
    assert used.through("run r").by == ("run r", "store translated")


def test_a_lineage_is_kept_as_it_is() -> None:
    assert Lineage.from_json(json.loads(json.dumps(MIXED.to_json()))) == MIXED
    for used in (*MIXED.used("mixed"), UsedResource("target-labels", ("run r",), shots=5)):
        assert UsedResource.from_json(json.loads(json.dumps(used.to_json()))) == used


def test_what_ids_end_with_is_the_transforms_own_word() -> None:
    by_hand = Lineage("shout", {}, (), (Parent("1.1", "a"),), id_endings=("loud",))
    mixed = Lineage("mix", {}, (), (Parent("loud", "b", by_hand),), {}, (), ("again", "loud"))
    assert [*mixed.all_id_endings()] == ["again", "loud", "loud"]
    origin = id_origin(mixed)
    assert [*map(origin, ("12", "12-loud", "12-loud3", "12-loud-again2", "12-shout"))] == [
        *("12", "12", "12", "12"),
        "12-shout",
    ]
    assert id_origin(None)("12-loud") == "12-loud"
    # Stores of earlier versions did not keep it.
    assert [*Lineage("translate_words").all_id_endings()] == ["words"]
    kept = Lineage("mix", id_endings=("again",), labels_made={"de-DE": ("train",)})
    assert Lineage.from_json(json.loads(json.dumps(kept.to_json()))) == kept


def test_the_chain_can_be_read() -> None:
    assert MIXED.lines() == [
        "made by mix(), using lexicon",
        "of translated (b)",
        "  made by translate(to=de-DE), using machine-translation",
        "  of 1.1 (a)",
        "of own (c)",
    ]


def test_files_are_told_by_name_and_hash() -> None:
    files = [{"name": f"{code}.tsv", "sha256": code * 32} for code in ("de", "fr", "ja", "sw")]
    lineage = Lineage("switch", {"lexicon": files, "partitions": ["train", "dev"]}, ("lexicon",))
    assert lineage.lines() == [
        (
            "made by switch(lexicon=de.tsv (sha256 dededededede)+fr.tsv (sha256 frfrfrfrfrfr)"
            "+ja.tsv (sha256 jajajajajaja) and 1 more, partitions=train+dev), using lexicon"
        )
    ]
    assert Lineage.from_json(json.loads(json.dumps(lineage.to_json()))) == lineage


def test_shots_are_those_of_the_samples_that_a_store_rests_on() -> None:
    five = Parent("k5", "a", sampled(5))
    assert sampled(5).shots == 5
    assert sampled(9, five).shots == 5
    assert Lineage("sample", {"partitions": ["dev"], "per_intent": 2}, (), (five,)).shots == 5
    assert Lineage("mix", {}, (), (five, Parent("k9", "b", sampled(9)))).shots == 9
    assert Lineage("mix", {}, (), (five, Parent("1.1", "b"))).shots is None
    assert Lineage("sample", {"partitions": ["train"], "per_intent": None}).shots is None


def test_a_derived_store_keeps_its_lineage(demo_store: Store, tmp_path: Path) -> None:
    first = derive(demo_store, Sample(per_intent=5), tmp_path / "a", name="k5").store
    sample = Sample(total=7, seed=3)
    second = derive(first, sample, tmp_path / "b", name="n7", locales=["en-US"]).store
    assert demo_store.lineage is None
    assert Store.open(second.path).lineage == Lineage(
        "sample",
        {
            "per_intent": None,
            "total": 7,
            "stratified": False,
            "seed": 3,
            "partitions": ["train"],
            "least": None,
            "whole": [],
            "score": "intent_score",
            "locales": ["en-US"],
        },
        (),
        (Parent("k5", first.hash, first.lineage),),
        id_endings=(),
    )
    assert first.lineage is not None
    assert first.lineage.parents == (Parent("demo", demo_store.hash),)
    assert (first.shots, second.shots, demo_store.shots) == (5, 5, None)
    assert first.hash != demo_store.hash


def test_a_sample_of_an_earlier_version_is_still_one(demo_store: Store, tmp_path: Path) -> None:
    store = derive(demo_store, Sample(per_intent=5), tmp_path / "a", name="k5").store
    index = json.loads((store.path / INDEX).read_text())
    assert index["shots"] == 5
    del index["lineage"]
    (store.path / INDEX).write_text(json.dumps(index))
    assert Store.open(store.path).shots == 5


def test_a_resource_that_nobody_knows_is_refused(demo_store: Store, tmp_path: Path) -> None:
    store = derive(demo_store, Sample(per_intent=5), tmp_path / "a", name="k5").store
    index = json.loads((store.path / INDEX).read_text())
    index["lineage"]["resources"] = ["crystal-ball"]
    (store.path / INDEX).write_text(json.dumps(index))
    with pytest.raises(DataError, match="'crystal-ball' is not a resource; expected one of lex"):
        Store.open(store.path)
