"""A search on a local Ray finds a recipe, and goes on where it was stopped."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from massive_kit import content
from massive_kit.errors import ConfigError, MissingDataError
from massive_kit.runs.search import Search, search, trial_recipe
from massive_kit.schema.config import check
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.space import Space, load_space
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.recipes import load_recipe
from massive_kit.systems.trained_recipe import TrainedRecipe

SPACES = sorted(path.stem for path in (content.folder("baselines") / "spaces").glob("*.yaml"))


@pytest.mark.parametrize("name", SPACES)
def test_a_shipped_space_fits_its_recipe(name: str) -> None:
    space = load_space(name)
    recipe = load_recipe(space.recipe)
    assert isinstance(recipe, TrainedRecipe)
    trial_recipe(recipe, {key: domain.first for key, domain in space.vary.items()})
    for key, domain in space.vary.items():
        for value in domain.choice or [domain.low, domain.high]:
            trial_recipe(recipe, {key: int(value) if domain.whole else value})


def test_a_wrong_key_is_told_before_anything_starts(
    recipes: dict[str, Recipe], task_file: Path, tmp_path: Path
) -> None:
    recipe = recipes["encoder"]
    assert isinstance(recipe, EncoderRecipe)
    space = check(Space, {"recipe": "x", "vary": {"optimiser.lrr": {"choice": [1]}}}, "space")
    with pytest.raises(ConfigError, match="lrr"):
        search(Search(recipe, space, str(task_file), "demo", tmp_path))


def test_what_learns_no_labels_is_not_searched_for(task_file: Path, tmp_path: Path) -> None:
    recipe = load_recipe("tiny-mlm")
    assert isinstance(recipe, TrainedRecipe)
    space = check(Space, {"recipe": "x", "vary": {"optimiser.lr": {"choice": [1]}}}, "space")
    with pytest.raises(ConfigError, match="kind is pretraining; expected a recipe that learns la"):
        search(Search(recipe, space, str(task_file), "demo", tmp_path))


def test_a_domain_is_a_list_or_a_range() -> None:
    for wrong in ({}, {"low": 1}, {"low": 2, "high": 1}, {"choice": [1], "low": 0, "high": 1}):
        with pytest.raises(ConfigError):
            check(Space, {"recipe": "x", "vary": {"a": wrong}}, "space")


def test_no_space_names_those_there_are() -> None:
    with pytest.raises(MissingDataError, match="xlmr-base"):
        load_space("nothing")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_two_workers_find_a_recipe_and_a_second_call_goes_on(
    recipes: dict[str, Recipe], task_file: Path, tmp_path: Path
) -> None:
    recipe = recipes["encoder"]
    assert isinstance(recipe, EncoderRecipe)
    training = recipe.training.model_copy(update={"epochs": 0.3, "dev_rows": 20})
    recipe = recipe.model_copy(update={"training": training})
    values = {
        "recipe": "small",
        "trials": 3,
        "vary": {
            "optimiser.lr": {"low": 1e-4, "high": 1e-2, "log": True},
            "model.pooling": {"choice": ["mean", "max"]},
            "model.intent.layers": {"low": 0, "high": 1, "step": 1},
        },
    }
    what = Search(
        recipe, check(Space, values, "space"), str(task_file), "demo", tmp_path / "s", workers=2
    )
    best = search(what)
    assert best.trials == 3
    with (tmp_path / "s" / "trials.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 3
    assert float(rows[0]["exact_match"]) == max(float(row["exact_match"]) for row in rows)
    assert load_recipe(str(tmp_path / "s" / "best.yaml")) == best.recipe
    again = search(what, resume=True)
    assert again.trials == 3
    assert again.recipe == best.recipe
