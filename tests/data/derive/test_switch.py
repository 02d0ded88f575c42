"""Some words in other languages: labels stay, names stay, and every draw is seeded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.derivation import derive
from massive_kit.data.derive.switch import Switch
from massive_kit.data.derive.translate_words import TranslateWords
from massive_kit.data.opening import open_task
from massive_kit.data.resources import check_resources, used_resources
from massive_kit.data.store import Store
from massive_kit.errors import ConfigError, MissingDataError, UsageError
from massive_kit.schema.task import Task
from tests.data.hand_made import ENGLISH, annotated_by_id, made_store, written


@pytest.fixture
def english(tmp_path: Path) -> Store:
    return made_store(tmp_path / "english", {"en-US": ENGLISH, "de-DE": ENGLISH})


@pytest.fixture
def german(tmp_path: Path) -> str:
    lines = ["wake\twecken", "five\tfünf", "five am\tfünf Uhr", "the\tdie", "house\tHaus"]
    return str(written(tmp_path / "en-de.tsv", *lines, "alarm\tWecker", "am\tbin"))


def switched(store: Store, folder: Path, **parameters: Any) -> dict[str, str]:
    transform = Switch(**{"rate": 1.0, "originals": False, **parameters})
    new = derive(store, transform, folder / "out", name="out").store
    return annotated_by_id(new, "en-US")


def test_slots_are_chunks_and_names_stay(english: Store, german: str, tmp_path: Path) -> None:
    assert switched(english, tmp_path, lexicon=(german,)) == {
        "1-switch": "wecken me up at [time : fünf Uhr] please",
        "2-switch": "play [song_name : die Haus] by [artist_name : house five]",
        "3-switch": "set alarms for [date : next week] [time : fünf Uhr]",
    }
    lemmas = written(tmp_path / "lemmas.tsv", "alarms\talarm")
    assert switched(english, tmp_path, lexicon=(german,), lemmas=lemmas, never=())["3-switch"] == (
        "set Wecker for [date : next week] [time : fünf Uhr]"
    )
    named = switched(english, tmp_path, lexicon=(german,), never=())["2-switch"]
    assert named.endswith("[artist_name : Haus fünf]")


def test_by_token(english: Store, german: str, tmp_path: Path) -> None:
    rows = switched(english, tmp_path, lexicon=(german,), unit="token")
    assert rows["1-switch"] == "wecken me up at [time : fünf bin] please"


def test_originals_and_copies(english: Store, german: str, tmp_path: Path) -> None:
    rows = switched(english, tmp_path, lexicon=(german,), copies=2, originals=True)
    assert [*rows] == ["1", "2", "3", "4", *(f"{n}-switch{c}" for c in (1, 2) for n in (1, 2, 3))]
    assert rows["1"] == ENGLISH["1"][1]


def test_rates_seeds_and_weights(demo_store: Store, tmp_path: Path) -> None:
    words = {w for row in demo_store.read("train", ["en-US"], ["tokens"]).column(0).to_pylist()
             for w in row}  # fmt: skip
    lexicons = tuple(
        str(written(tmp_path / f"en-{code}.tsv", *(f"{w}\t{w}-{code}" for w in words)))
        for code in ("de", "fr")
    )

    def made(**parameters: Any) -> tuple[dict[str, str], Any]:
        transform = Switch(lexicon=lexicons, originals=False, **parameters)
        derived = derive(demo_store, transform, tmp_path / "o", name="o", locales=("en-US",))
        return annotated_by_id(derived.store, "en-US"), derived.report.facts

    rows, facts = made(rate=0.3)
    assert made(rate=0.3) == (rows, facts)
    assert made(rate=0.3, seed=1)[0] != rows
    tokens = sum(map(len, demo_store.read("train", ["en-US"], ["tokens"]).column(0).to_pylist()))
    units = sum(language["units_switched"] for language in facts["languages"].values())
    assert 0.15 < units / tokens < 0.35
    assert facts["languages"]["de-DE"]["tokens"] == 1.0
    half, _ = made(rate=0.3, row_rate=0.5)
    assert 0.4 < len(half) / len(rows) < 0.6
    _, only = made(weights=("fr=0",))
    assert only["languages"]["fr-FR"]["rows_switched"] == 0
    by_row, _ = made(per="row", rate=0.9)
    assert not any("-de" in text and "-fr" in text for text in by_row.values())


def test_lineage_and_what_a_task_says(english: Store, german: str, tmp_path: Path) -> None:
    new = derive(english, Switch(lexicon=(german,)), tmp_path / "o", name="sw").store
    assert new.lineage is not None
    (file,) = new.lineage.parameters["lexicon"]
    assert (file["name"], len(file["sha256"])) == ("en-de.tsv", 64)
    line = new.lineage.lines()[0]
    assert line.startswith("made by switch(lexicon=en-de.tsv (sha256 ")
    assert line.endswith(", using lexicon")
    split = {"partition": "train", "locales": ["en-US"]}
    task = Task.model_validate(
        {"name": "t", "title": "t", "setting": "zero-shot-strict", "data": ["x"], "train": split,
         "dev": split, "test": {"partition": "train", "without": ["en-US"]}, "allow": ["lexicon"]}
    )  # fmt: skip
    data = open_task(task, english, str(tmp_path / "o"))
    check_resources(data)
    assert [used.resource for used in used_resources(data)] == ["lexicon", "target-labels"]
    with pytest.raises(ConfigError, match="lexicon was used"):
        check_resources(open_task(task.model_copy(update={"allow": []}), new))


def test_dry_run(english: Store, german: str) -> None:
    options = ["data", "derive", "switch", "--data", str(english.path), "--lexicon", german]
    result = CliRunner().invoke(app, [*options, "--rate", "1", "--dry-run"])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:3] == [
        "language  entries  tokens  types  rows switched  units switched",
        "de-DE           6    42.9   29.4              3               4",
        "3 switched rows of 4; resources used: lexicon",
    ]
    result = CliRunner().invoke(app, [*options, "--rate", "1", "--dry-run", "--format", "json"])
    assert json.loads(result.stdout)["languages"]["de-DE"]["rows_switched"] == 3
    assert json.loads(result.stdout)["resources"] == ["lexicon"]


def test_all_wrong_options_are_told_at_once(english: Store, german: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        switched(english, tmp_path, rate=2, lexicon=(german,), weights=("de", "fr=1"), copies=0)
    for told in ("--rate 2", "--copies 0", "--weight 'de'", "--weight 'fr=1'"):
        assert told in str(caught.value)


def test_wrong_wishes(english: Store, german: str, tmp_path: Path) -> None:
    for parameters, message in (
        ({"rate": 2.0, "most": 0}, "--rate 2 is not between 0 and 1; --translations 0 is not pos"),
        ({"weights": ("sw=1", "de=x")}, "--weight 'sw=1': 'sw' is none .*; --weight 'de=x' is not"),
        ({"source": "ja-JP"}, "no train of ja-JP"),
        ({"lexicon": (str(written(tmp_path / "en-fr.tsv", "q\tr")),)}, "no dictionary has a word"),
    ):
        with pytest.raises((UsageError, MissingDataError), match=message):
            switched(english, tmp_path, **{"lexicon": (german,), **parameters})
    for transform in (Switch(lexicon=(german,)), TranslateWords(lexicon=(german,))):
        with pytest.raises(UsageError, match="--locale leaves out en-US"):
            derive(english, transform, tmp_path / "o", name="o", locales=("de-DE",))
