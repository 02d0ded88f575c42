"""Several languages in proportions, of one store or of several."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.derivation import Derived, derive
from massive_kit.data.derive.mix import Mix
from massive_kit.data.derive.translate_words import TranslateWords
from massive_kit.data.store import Store
from massive_kit.errors import MissingDataError, UsageError
from tests.data.hand_made import ENGLISH, annotated_by_id, made_store, written


@pytest.fixture
def store(tmp_path: Path) -> Store:
    few = {name: ENGLISH[name] for name in ("1", "2")}
    return made_store(tmp_path / "made", {"en-US": ENGLISH, "de-DE": few, "fr-FR": few})


def mixed(store: Store | list[Store], folder: Path, **parameters: Any) -> Derived:
    return derive(store, Mix(**parameters), folder / "out", name="out")


def sizes(derived: Derived) -> dict[str, int]:
    return {locale: parts["train"].rows for locale, parts in derived.store.parts.items()}


def test_all_alike_with_repeats_and_caps(store: Store, tmp_path: Path) -> None:
    derived = mixed(store, tmp_path, total=10, temperature=math.inf, repeats=2)
    assert (
        sizes(derived) == {"de-DE": 3, "en-US": 4, "fr-FR": 3} or sum(sizes(derived).values()) == 10
    )
    assert len({*annotated_by_id(derived.store, "de-DE")}) == sizes(derived)["de-DE"]
    assert {name.removesuffix("-again2") for name in annotated_by_id(derived.store, "fr-FR")} == {
        "1",
        "2",
    }
    capped = mixed(store, tmp_path, caps=("fr=1",), most=2, total=99, repeats=3)
    assert sizes(capped) == {"de-DE": 6, "en-US": 6, "fr-FR": 3}
    assert capped.report.facts["mixed"]["train"]["fr-FR"] == {
        "rows": 2,
        "taken": 3,
        "share": 0.2,
        "times": 3.0,
    }
    ids = [*annotated_by_id(capped.store, "fr-FR")]
    assert ids == [ids[0], f"{ids[0]}-again2", f"{ids[0]}-again3"]


def test_proportions_by_size(store: Store, tmp_path: Path) -> None:
    assert sizes(mixed(store, tmp_path)) == {"de-DE": 2, "en-US": 4, "fr-FR": 2}
    assert sizes(mixed(store, tmp_path, total=4)) == {"de-DE": 1, "en-US": 2, "fr-FR": 1}
    without = mixed(store, tmp_path, total=4, weights=("fr=0",))
    assert sizes(without) == {"de-DE": 1, "en-US": 3}
    # A larger draw holds a smaller one.
    small, large = (
        {*annotated_by_id(mixed(store, tmp_path, total=n, seed=3).store, "en-US")} for n in (4, 6)
    )
    assert small <= large


def test_several_stores(store: Store, tmp_path: Path) -> None:
    lexicon = str(written(tmp_path / "en-fr.tsv", "wake\tréveiller"))
    pseudo = derive(store, TranslateWords(lexicon=(lexicon,)), tmp_path / "p", name="p").store
    both = mixed([store, pseudo], tmp_path)
    assert sizes(both) == {"de-DE": 2, "en-US": 8, "fr-FR": 3}
    assert len(annotated_by_id(both.store, "en-US")) == 8
    # French has rows with labels of its own, too, and so counts as having its own.
    assert both.store.labels_from == {}
    assert pseudo.labels_from == {"fr-FR": "en-US"}
    alone = derive([pseudo, pseudo], Mix(), tmp_path / "a", name="a").store
    assert alone.labels_from == {"fr-FR": "en-US"}
    assert alone.lineage is not None
    assert [used.resource for used in alone.lineage.used("a")] == ["lexicon", "lexicon"]


def test_wrong_wishes(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--n 0 is not positive; --temperature 0 is not above 0"):
        mixed(store, tmp_path, total=0, temperature=0.0)
    with pytest.raises(MissingDataError, match="no store has rows of the partition x"):
        mixed(store, tmp_path, partitions=("x",))
    other = made_store(tmp_path / "b", {"en-US": ENGLISH}, scheme="brackets")
    with pytest.raises(UsageError, match="touching spans in different ways"):
        mixed([store, other], tmp_path)


def test_the_command_prints_a_table(store: Store) -> None:
    options = ["data", "derive", "mix", "--data", str(store.path), "-n", "4", "--dry-run"]
    result = CliRunner().invoke(app, [*options, "--temperature", "inf", "--repeats", "2"])
    assert result.stdout.splitlines()[0] == "language  partition  rows  taken  percent  times"
    facts = json.loads(CliRunner().invoke(app, [*options, "--format", "json"]).stdout)
    assert facts["mixed"]["train"]["en-US"]["taken"] == 2


def test_what_is_not_mixed_is_of_the_first_store_which_is_said(
    store: Store, tmp_path: Path
) -> None:
    changed = dict(ENGLISH) | {"1": ("alarm_set", "wake me up")}
    other = replace(
        made_store(tmp_path / "other", {"de-DE": changed, "it-IT": ENGLISH}), name="other"
    )
    derived = mixed([store, store, other], tmp_path, partitions=("train",))
    assert not derived.report.warnings
    firsts = replace(store, parts={key: {"train": p["train"]} for key, p in store.parts.items()})
    dev = made_store(tmp_path / "dev", {"de-DE": ENGLISH}, "dev")
    more = replace(made_store(tmp_path / "more", {"de-DE": changed}, "dev"), name="more")
    derived = mixed([firsts, dev, more], tmp_path)
    (warning,) = derived.report.warnings
    assert "dev of de-DE is that of made alone; the rows of more are left out" in warning
    assert derived.store.parts["de-DE"]["dev"].content == dev.parts["de-DE"]["dev"].content


def test_caps_and_weights_that_are_none_are_told_together(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        mixed(store, tmp_path, caps=("de=1.5", "fr=2"), weights=("en",))
    assert "--cap-of de-DE=1.5 is not a whole number of rows" in str(caught.value)
    assert "--weight 'en' is not LOCALE=NUMBER" in str(caught.value)


def test_made_labels_are_known_of_a_mix(store: Store, tmp_path: Path) -> None:
    german = str(written(tmp_path / "en-de.tsv", "wake\twecken", "house\tHaus"))
    made = TranslateWords(lexicon=(german,), partitions=("train",))
    translated = derive(store, made, tmp_path / "translated", name="translated").store
    assert translated.has_made_labels("de-DE", "train")
    assert not translated.has_made_labels("en-US", "train")
    both = mixed([store, translated], tmp_path).store
    assert both.lineage is not None
    assert both.lineage.labels_made == {"de-DE": ("train",)}
    again = derive(both, Mix(), tmp_path / "again", name="again").store
    assert again.has_made_labels("de-DE", "train")
    assert not again.has_made_labels("fr-FR", "train")
    dev = made_store(tmp_path / "dev", {"de-DE": ENGLISH}, "dev")
    first = mixed([dev, translated], tmp_path).store
    assert first.has_made_labels("de-DE", "train")
    assert not first.has_made_labels("de-DE", "dev")
