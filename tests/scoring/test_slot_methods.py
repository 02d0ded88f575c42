"""Scores by how slots came from the source language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.publish.results import load_results
from massive_kit.publish.site import build
from massive_kit.schema.scores import Scores
from massive_kit.schema.task import load_task
from massive_kit.scoring.evaluation import Evaluation, evaluate
from massive_kit.scoring.slot_methods import parts_of
from tests.publish.boards import damaged, manifest
from tests.slot_method_rows import told_task


def test_an_utterance_is_of_the_part_that_all_its_slots_are_of() -> None:
    def of(*methods: str) -> list[dict[str, str]]:
        return [{"slot": "x", "method": method} for method in methods]

    every = [
        of("translation", "translation"),
        of("localization"),
        of("unchanged", "unchanged_translation"),
        of("translation", "localization"),
        of(),
        None,
        of("translation", "by hand"),
    ]
    assert parts_of(every).tolist() == [0, 1, 2, 3, 4, -1, -1]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> TaskData:
    """The demo corpus in two languages, of which one says how its slots came to be."""
    return told_task(tmp_path_factory.mktemp("told"))


@pytest.fixture(scope="module")
def scored(told: TaskData) -> Evaluation:
    gold = told.test.labels()
    return evaluate(gold, damaged(gold, 0.3, 1), told, resamples=200)


def test_parts_are_scored_over_the_languages_that_say(scored: Evaluation) -> None:
    parts = scored.scores.slot_methods
    assert [*parts] == ["translated", "localised", "unchanged"]
    assert {tuple(part.locales) for part in parts.values()} == {("de-DE",)}
    german = scored.scores.locales["de-DE"]
    assert sum(part.n for part in parts.values()) == german.n
    assert german.exact_match is not None
    weighted = sum(
        part.exact_match.value * part.n for part in parts.values() if part.exact_match is not None
    )
    assert weighted / german.n == pytest.approx(german.exact_match.value)
    first = parts["translated"].exact_match
    assert first is not None
    assert first.low is not None
    assert first.high is not None
    assert first.low < first.value < first.high
    text = scored.scores.model_dump_json()
    assert Scores.model_validate_json(text) == scored.scores


def test_where_no_row_says_nothing_is_written(demo_store: Store) -> None:
    task = lay_task(load_task("demo-full"), demo_store)
    gold = task.test.labels()
    scores = evaluate(gold, gold, task, resamples=0).scores
    assert scores.slot_methods == {}
    assert "slot_methods" not in scores.model_dump(mode="json")


def test_the_board_shows_the_parts_and_what_was_seen(scored: Evaluation, tmp_path: Path) -> None:
    folder = tmp_path / "results" / "mine" / "1"
    scored.save(folder)
    (folder / "labels.npz").unlink()
    pretraining = {"languages": ["de"]}
    manifest(folder, "mine", "1", pretraining=pretraining)
    (tmp_path / "board.yaml").write_text("title: Parts\n")
    build(tmp_path, tmp_path / "site")
    page = tmp_path / "site" / "systems" / "mine"
    rows_shown = json.loads((page / "1.slot-methods.json").read_text())["rows"]
    assert [row["part"] for row in rows_shown][:3] == ["translated", "localised", "unchanged"]
    seen = json.loads((page / "1.seen.json").read_text())["rows"]
    assert [(row["part"], row["n"]) for row in seen] == [("seen", 1), ("not seen", 1)]
    (entry,) = load_results(tmp_path / "results")
    german = entry.scores.locales["de-DE"].exact_match
    assert german is not None
    assert seen[0]["exact_match"] == pytest.approx(german.value, abs=1e-6)
    assert seen[0]["exact_match_low"] is not None
