"""An objective is one module: a throw-away one trains a model."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from massive_kit.data.task_data import TaskData
from massive_kit.engine import objectives
from massive_kit.engine.objectives import ObjectiveSettings, build_objective, objective_names
from massive_kit.errors import ConfigError
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.recipes import parse_recipe

SCALED = '''
from massive_kit.schema.config import Strict


class Settings(Strict):
    """How much the model's own loss weighs."""

    weight: float


def build(settings):
    return lambda model, batch: settings.weight * model(**batch).loss
'''


@pytest.fixture
def _scaled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "scaled_loss.py").write_text(SCALED)
    monkeypatch.setattr(objectives, "__path__", [*objectives.__path__, str(tmp_path / "more")])
    monkeypatch.delitem(sys.modules, f"{objectives.__name__}.scaled_loss", raising=False)


def first_loss(run: Path) -> float:
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return float(next(line["loss"] for line in lines if "loss" in line))


@pytest.mark.usefixtures("_scaled")
def test_a_module_is_all_that_a_new_objective_takes(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    values = recipes["encoder"].model_dump(mode="json")
    values["training"] |= {"epochs": 0.1, "evaluations": 1, "log_steps": 1}
    values["optimiser"] |= {"lr": 1e-9}
    plain = train_run(parse_recipe(values, "plain"), task_data, tmp_path / "plain")
    values["objective"] = {"name": "scaled-loss", "settings": {"weight": 3.0}}
    scaled = train_run(parse_recipe(values, "scaled"), task_data, tmp_path / "scaled")
    assert first_loss(scaled.path) == pytest.approx(3 * first_loss(plain.path), rel=1e-3)


@pytest.mark.usefixtures("_scaled")
def test_wrong_objectives_and_settings_are_told() -> None:
    assert objective_names() == (
        *("adversary", "causal", "consistency", "contrast", "denoising"),
        *("deshuffling", "distillation", "mlm"),
        *("scaled-loss", "supervised", "supervised-contrast"),
    )
    with pytest.raises(ConfigError, match="or scaled-loss or supervised or supervised-contrast"):
        build_objective(ObjectiveSettings(name="scaled"))
    with pytest.raises(ConfigError, match="'weight' is missing"):
        build_objective(ObjectiveSettings(name="scaled-loss"))
