"""A model card says what was trained on and how the model is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.task_data import TaskData
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.recipes import parse_recipe


def test_a_card_counts_the_rows_that_were_trained_on(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    values = recipes["encoder"].model_dump(mode="json")
    values["training"] |= {"train_rows": 4, "dev_rows": 2, "epochs": 1}
    run = train_run(parse_recipe(values, "few"), task_data, tmp_path / "run")
    card = (run.model / "README.md").read_text(encoding="utf-8")
    assert "training rows 8 in 2 locales" in card
    assert "library_name: transformers" in card
    # All files of a model are readable alike.
    assert len({path.stat().st_mode for path in run.model.iterdir()}) == 1


def test_the_card_of_a_count_claims_no_weights(
    recipes: dict[str, Recipe],
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = train_run(recipes["majority"], task_data, tmp_path / "run")
    card = (run.model / "README.md").read_text(encoding="utf-8")
    assert "library_name: massive-kit" in card
    for word in ("transformers\n", "safetensors", "from scratch", "Parameters"):
        assert word not in card
    monkeypatch.chdir(run.path)
    exec(card.partition("```python\n")[2].partition("```")[0], {})  # noqa: S102 - our own code
    assert capsys.readouterr().out.strip() == run.facts()["intent"]
