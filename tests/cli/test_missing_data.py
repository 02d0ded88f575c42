"""Every command says the same of data that are not at hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.errors import MissingDataError

# Each door of a task, with `{}` where the task's name goes.
DOORS = {
    "train": ["train", "majority", "--task", "{}", "--dry-run"],
    "predict": ["predict", "run", "--task", "{}", "--out", "predictions.jsonl"],
    "validate": ["validate", "predictions.jsonl", "--task", "{}"],
    "eval": ["eval", "predictions.jsonl", "--task", "{}"],
    "search": ["search", "xlmr-base", "--task", "{}", "--out", "search"],
    "leaderboard add": [
        "leaderboard", "add", "predictions.jsonl", "--task", "{}", "--results", "results",
        "-o", "system=s", "-o", "version=1", "-o", "title=T", "-o", "team=us",
        "-o", "date=2026-11-26", "-o", "architecture=other",
    ],
    "export evalai": ["export", "evalai", "challenge", "--task", "{}"],
}  # fmt: skip


@pytest.fixture(params=DOORS)
def door(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "predictions.jsonl").write_text("{}\n")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "recipe.yaml").write_text("kind: majority\ntitle: Majority\n")
    return DOORS[request.param]


def refusal(door: list[str], task: str, *options: str) -> str:
    result = CliRunner().invoke(app, [part.format(task) for part in door] + [*options])
    assert isinstance(result.exception, MissingDataError), result.output
    return str(result.exception)


def test_a_sample_is_drawn(door: list[str]) -> None:
    assert refusal(door, "massive-few-shot") == (
        "data set '1.1-k5' not found; draw it with `massive-kit data sample --data 1.1"
        " --name 1.1-k5 --per-intent 5`, or name another sample with --data"
    )


def test_another_sample_is_drawn_by_its_name(door: list[str]) -> None:
    text = refusal(door, "massive-few-shot", "--data", "heldout-k20")
    assert "--data heldout --name heldout-k20 --per-intent 20" in text


def test_what_can_be_fetched_is_fetched(door: list[str]) -> None:
    text = refusal(door, "mmnlu22-full")
    assert text.startswith("data set 'heldout' not found; get it with `massive-kit data fetch`")
    assert "data fetch" in refusal(door, "massive-few-shot", "--data", "1.0")
