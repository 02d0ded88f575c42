"""What a run's text went through is told to the board, and where other text is predicted."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.derivation import derive
from massive_kit.data.derive.romanise import Romanise
from massive_kit.data.opening import open_task
from massive_kit.data.romanising import Romaniser
from massive_kit.data.store import Store
from massive_kit.runs.as_submission import known_of_run
from massive_kit.runs.predicting import predict_task
from massive_kit.runs.text_software import training_software, warn_of_other_text
from massive_kit.runs.training import train_run
from massive_kit.systems.recipes import load_recipe


class Upside:
    """Writes any word as an a for each letter."""

    def romanize_string(self, s: str, lcode: str | None = None) -> str:
        return "a" * len(s)


@pytest.fixture
def latin(demo_store: Store, tmp_path: Path) -> Store:
    romanise = Romanise(romaniser=Romaniser("letters 1", Upside()))
    locales = ["am-ET", "en-US"]
    return derive(demo_store, romanise, tmp_path / "latin", name="latin", locales=locales).store


def test_other_text_than_that_of_training_is_told(
    latin: Store, demo_store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = train_run(load_recipe("majority"), open_task("demo-full", latin), tmp_path / "run")
    assert known_of_run(run)["training_data"] == [
        {"name": "latin, training partition, text through letters 1"}
    ]
    predict_task(run.path, open_task("demo-full", latin), tmp_path / "a.jsonl")
    assert caplog.messages == []
    predict_task(run.path, open_task("demo-full", demo_store), tmp_path / "b.jsonl")
    (message,) = caplog.messages
    assert "trained on text through letters 1, and demo is text as it was written" in message
    caplog.clear()
    warn_of_other_text(run, None)
    assert "what is typed is text as it was written" in caplog.messages[0]


def test_programs_of_parents_count_once() -> None:
    parent = {"data": {"train": {"software": ["one", "two"]}}}
    facts = {"data": {"train": {"software": ["two"]}}, "parents": [parent, {"data": {}}]}
    assert training_software(facts) == ["two", "one"]
