from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from massive_kit.analysis.any_to_any import AnySearch
from massive_kit.analysis.probed_rows import Choices, RowChoice
from massive_kit.data.store import Store
from massive_kit.errors import MissingDataError, UsageError

LOCALES = ("en-US", "de-DE")


def test_means_come_from_another_partition(demo_store: Store) -> None:
    assert Choices.of(demo_store, LOCALES, "test", None, 20).reference.partition == "dev"
    assert Choices.of(demo_store, LOCALES, "dev", None, 20).reference.partition == "train"


def test_of_a_lone_partition_no_id_serves_both_purposes(demo_store: Store) -> None:
    parts = {code: {"test": demo_store.parts[code]["test"]} for code in LOCALES}
    choices = Choices.of(replace(demo_store, parts=parts), LOCALES, "test", None, 1000)
    searched, reference = (
        {*choice.of("de-DE").ids} for choice in (choices.searched, choices.reference)
    )
    assert searched
    assert reference
    assert not searched & reference
    assert {*choices.searched.of("en-US").ids} == searched
    assert choices.searched.described(3).ids == "one half"


def test_the_same_ids_are_drawn_in_every_language(demo_store: Store) -> None:
    choice = Choices.of(demo_store, LOCALES, "test", 10, 20).searched
    english, german = (choice.of(code) for code in LOCALES)
    assert english.ids == german.ids
    assert len(english.ids) == choice.count("en-US") == 10
    assert english.classes == german.classes
    assert english.texts != german.texts
    whole = Choices.of(demo_store, LOCALES, "test", None, 20).searched.of("en-US")
    first = Choices.of(demo_store, LOCALES, "test", 10, 20, drawn=False).searched
    assert first.of("en-US").ids == whole.ids[:10] != english.ids


def test_a_partition_that_a_language_lacks(demo_store: Store) -> None:
    parts = {**demo_store.parts, "de-DE": {"dev": demo_store.parts["de-DE"]["dev"]}}
    with pytest.raises(MissingDataError, match="no test of de-DE"):
        Choices.of(replace(demo_store, parts=parts), LOCALES, "test", None, 20)


def test_locales_that_share_no_id_are_refused_before_any_model_is_read(
    demo_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    choices = Choices.of(demo_store, LOCALES, "test", 10, 20)
    assert choices.searched.ids("de-DE") == choices.searched.of("de-DE").ids
    choices.refuse_unshared(LOCALES)
    monkeypatch.setattr(RowChoice, "ids", lambda _, locale: [f"{locale}-1"])
    with pytest.raises(UsageError, match=r"de-DE: no utterance of test .* of en-US"):
        choices.refuse_unshared(LOCALES)


def test_languages_that_share_no_id_are_no_pair_of_any_to_any() -> None:
    everywhere = AnySearch(3)
    vectors = np.eye(2, dtype=np.float32)
    for locale, ids in (("en-US", "12"), ("de-DE", "23"), ("fr-FR", "45")):
        everywhere.add(locale, [*ids], vectors)
    hits = everywhere.hits().hits
    assert {locale: [*row] for locale, row in hits.items()} == {
        "en-US": ["de-DE"],
        "de-DE": ["en-US"],
        "fr-FR": [],
    }
