"""Word by word: rows of new locales whose labels are the source's, and nobody else's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.derivation import derive
from massive_kit.data.derive.sample import Sample
from massive_kit.data.derive.translate_words import TranslateWords
from massive_kit.data.lineage import Lineage
from massive_kit.data.opening import open_task
from massive_kit.data.resources import check_resources, used_resources
from massive_kit.data.store import Store
from massive_kit.errors import ConfigError, UsageError
from massive_kit.schema.task import Task, TaskSplit
from tests.data.hand_made import ENGLISH, annotated_by_id, made_store, written


@pytest.fixture
def store(tmp_path: Path) -> Store:
    # Rows of the target's own, whose labels must not get into what is made of English.
    return made_store(tmp_path / "made", {"en-US": ENGLISH, "de-DE": ENGLISH})


@pytest.fixture
def lexicons(tmp_path: Path) -> tuple[str, ...]:
    german = ["wake up\taufwachen", "five\tfünf", "five\tFünfer", "the\tdie", "house\tHaus"]
    japanese = ["five\t五", "am\t午前", "please\tください", "wake\t起こす", "me\t私"]
    return (
        str(written(tmp_path / "en-de.tsv", *german)),
        str(written(tmp_path / "en-ja.tsv", *japanese)),
    )


def made(store: Store, folder: Path, **parameters: Any) -> Store:
    return derive(store, TranslateWords(**parameters), folder / "out", name="out").store


def test_every_word_with_an_entry(store: Store, lexicons: tuple[str, ...], tmp_path: Path) -> None:
    new = made(store, tmp_path, lexicon=lexicons)
    assert annotated_by_id(new, "de-DE") == {
        "1-words": "wake me up at [time : fünf am] please",
        "2-words": "play [song_name : die Haus] by [artist_name : house five]",
        "3-words": "set alarms for [date : next week] [time : fünf am]",
    }
    assert annotated_by_id(new, "ja-JP")["1-words"] == "起こす私 up at [time : 五午前]ください"
    assert new.character_locales == {"ja-JP"}
    row = new.read("train", ["ja-JP"]).to_pylist()[0]
    assert row["locale"] == "ja-JP"
    assert row["tokens"][-5:] == ["前", "く", "だ", "さ", "い"]
    assert annotated_by_id(new, "en-US") == {key: text for key, (_, text) in ENGLISH.items()}


def test_choices_and_rows_that_are_left_out(
    store: Store, lexicons: tuple[str, ...], tmp_path: Path
) -> None:
    new = made(store, tmp_path, lexicon=lexicons[:1], never=(), least=3)
    assert [*annotated_by_id(new, "de-DE")] == ["2-words"]
    texts = {
        seed: annotated_by_id(
            made(store, tmp_path, lexicon=lexicons[:1], most=2, seed=seed), "de-DE"
        )["1-words"]
        for seed in range(8)
    }
    assert len({*texts.values()}) == 2
    assert "fünf" in str(texts)
    assert "Fünfer" in str(texts)
    with pytest.raises(UsageError, match="1 or more"):
        made(store, tmp_path, lexicon=lexicons, least=0)


def task(**changed: Any) -> Task:
    split = {"partition": "train", "locales": ["en-US"]}
    return Task.model_validate(
        {"name": "t", "title": "t", "setting": "zero-shot-strict", "data": ["x"], "train": split,
         "dev": split, "test": {"partition": "train", "without": ["en-US"]}, "allow": ["lexicon"],
         **changed}
    )  # fmt: skip


def test_labels_are_the_sources(store: Store, lexicons: tuple[str, ...], tmp_path: Path) -> None:
    new = made(store, tmp_path, lexicon=lexicons)
    assert new.labels_from == {"de-DE": "en-US", "ja-JP": "en-US"}
    assert new.lineage is not None
    assert Lineage.from_json(new.lineage.to_json()) == new.lineage
    data = open_task(task(), store, str(new.path))
    # What trains on English trains on what is made of it, and is tested as if on English alone.
    assert data.train.locales == ("en-US", "de-DE", "ja-JP")
    assert data.train.label_locales == ("en-US",)
    assert data.dev.locales == ("en-US",)
    assert data.averaged == ("de-DE",)
    check_resources(data)
    assert [(used.resource, used.locales) for used in used_resources(data)] == [
        ("lexicon", ()),
        ("target-labels", ("en-US",)),
    ]
    with pytest.raises(ConfigError, match="lexicon was used"):
        check_resources(open_task(task(allow=[]), store, str(new.path)))
    # Native labels stay what they are.
    native = open_task(task().model_copy(update={"train": TaskSplit(partition="train")}), store)
    assert native.train.label_locales == ("de-DE", "en-US")


def test_a_sample_of_it_knows_too(store: Store, lexicons: tuple[str, ...], tmp_path: Path) -> None:
    new = made(store, tmp_path, lexicon=lexicons)
    sample = derive(new, Sample(total=2), tmp_path / "s", name="s").store
    assert sample.labels_from == new.labels_from
