"""A data set of one's own, through every command, without touching code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.publish.paths import group_page
from tests.data.own_corpus import SIZES, write_own_corpus


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    write_own_corpus(folder)
    return folder


@pytest.fixture
def run(place: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(place)
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(place / "home"))

    def command(*arguments: str) -> str:
        result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    return command


@pytest.fixture
def imported(run: Any) -> Any:
    run("data", "import", "raw", "--name", "own", "--languages", "tasks/languages.csv")
    return run


def test_look_at_it(imported: Any) -> None:
    options = ("--data", "own", "--languages", "tasks/languages.csv")
    report = json.loads(
        imported("data", "check", *options, "--reference", "de-BA", "--format", "json")
    )
    assert report["ok"]
    assert report["version"] == ""
    assert report["parallel"] == {"dev": False, "test": False, "train": False}
    assert report["labels"]["all"] == {"intents": 3, "scenarios": 0, "slots": 2}
    assert report["checks"]["other_script"]["total"] == 0
    by = json.loads(
        imported("data", "stats", *options, "--by", "dialect group", "--format", "json")
    )
    assert {line["name"] for line in by} == {"Upper German", "Yue", "no data"}
    shown = imported("data", "show", *options, "--locale", "yue-HK", "--n", "1", "--format", "json")
    row = json.loads(shown)
    assert row["tokens"] == ["開", "廚", "房", "嘅", "燈"]
    assert row["labels"] == ["Other", *["Loc/Room.Name"] * 2, "Other", "Other"]
    sampled = imported("data", "sample", *options, "--name", "few", "-k", "2")
    assert "train 12" in sampled
    assert imported("data", "diff", "own", "raw", *options[2:]) == "the same data\n"
    assert "Bavarian" in imported("data", "card", *options, "--locale", "de-BA")


@pytest.mark.parametrize("recipe", ["majority", pytest.param("tiny", marks=pytest.mark.slow)])
def test_from_training_to_the_board(imported: Any, place: Path, recipe: str) -> None:
    task = ("--task", "own-zeroshot")
    imported("train", recipe, *task, "--out", f"runs/{recipe}")
    imported("predict", f"runs/{recipe}", *task, "--out", f"{recipe}.jsonl")
    lines = [json.loads(line) for line in (place / f"{recipe}.jsonl").read_text().splitlines()]
    assert len(lines) == sum(sizes["test"] for sizes in SIZES.values())
    imported("validate", f"{recipe}.jsonl", *task)
    out = f"scores/{recipe}"
    scored = imported("eval", f"{recipe}.jsonl", *task, "--out", out, "--by", "dialect group")
    assert "Upper German" not in scored  # the training locale is left out of averages
    assert "rows within each locale" in scored
    scores = json.loads((place / out / "scores.json").read_text())
    assert scores["interval"]["unit"] == "rows within each locale"
    assert set(scores["locales"]) == set(SIZES)
    assert set(scores["averaged"]) == set(SIZES) - {"de-BA"}
    by = ("--by", "genus", "--by", "intent", "--languages", "tasks/languages.csv")
    broken = imported("breakdown", out, *by)
    assert "Southern Iroquoian" in broken
    assert "Home.Lights/ON" in broken
    manifest = {
        "system": f"own-{recipe}",
        "version": "1",
        "title": recipe,
        "team": "us",
        "task": "own-zeroshot",
        "setting": "zero-shot",
        "date": "2026-01-31",
        "architecture": "encoder",
    }
    changes = [part for key, value in manifest.items() for part in ("-o", f"{key}={value!r}")]
    imported("leaderboard", "add", f"{recipe}.jsonl", *changes, "--resamples", "100")
    imported("leaderboard", "build", "--out", f"site-{recipe}")
    assert recipe in (place / f"site-{recipe}" / "index.html").read_text(encoding="utf-8")
    # A grouping is one column of the language table, and the board's word that it wants it.
    group = (place / f"site-{recipe}" / group_page("dialect group", "Yue")).read_text()
    assert "dialect group" in group.casefold()
    assert recipe in group
    languages = (place / f"site-{recipe}" / "languages.html").read_text()
    assert 'data-dialect-group="Yue"' in languages
    about = (place / f"site-{recipe}" / "about.html").read_text(encoding="utf-8")
    assert "validate predictions.jsonl --task own-zeroshot<" in about
    assert "The corpus is not parallel" in about
    assert "Trained and selected on Bavarian alone" in about
    assert "Cantonese is scored by character." in about
    for word in ("massive-full", "MASSIVE", "English", "Thai", "original scorer"):
        assert word not in about


def test_a_challenge_speaks_of_its_own_corpus(imported: Any, place: Path) -> None:
    imported("export", "evalai", "challenge", "--task", "own-zeroshot")
    pages = {path.name: path.read_text() for path in (place / "challenge/templates").iterdir()}
    assert "in 4 languages, not parallel" in pages["description.html"]
    assert "validate predictions.json --task own-zeroshot" in pages["submission_guidelines.html"]
    configuration = (place / "challenge/challenge_config.yaml").read_text()
    assert "title: 'Lights and weather: " in configuration
    for text in (*pages.values(), configuration):
        assert "massive-full" not in text
        assert "MASSIVE" not in text
