"""Every shipped recipe is valid, and a wrong one tells all its mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit import content
from massive_kit.errors import ConfigError
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.recipes import load_recipe, parse_recipe


@pytest.mark.parametrize("name", content.names("baselines"))
def test_a_shipped_recipe_is_valid_and_headed_by_its_command(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.title
    first = content.find("baselines", name).read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(f"# massive-kit train {name} --task ")


def test_overrides_keep_their_type() -> None:
    options = ["optimiser.lr=1e-4", "model.freeze.embeddings=true", "training.seed=0"]
    recipe = load_recipe("tiny", options)
    assert isinstance(recipe, EncoderRecipe)
    assert recipe.optimiser.lr == 1e-4
    assert recipe.model.freeze.embeddings is True
    assert recipe.training.seed == 0


def test_all_mistakes_at_once_with_a_hint() -> None:
    options = ["optimiser.lrr=1", "training.epochs=-1", "model.pooling=median"]
    with pytest.raises(ConfigError) as caught:
        load_recipe("tiny", options)
    text = str(caught.value)
    assert "did you mean 'lr'?" in text
    assert "training.epochs" in text
    assert "model.pooling" in text


def test_the_kind_is_needed() -> None:
    with pytest.raises(ConfigError, match="kind"):
        parse_recipe({"title": "x"}, "here")


def test_two_sizes_of_a_batch_are_one_too_many() -> None:
    with pytest.raises(ConfigError, match="not both") as caught:
        load_recipe("tiny", ["training.batch_rows=8"])
    # The one sentence, without all the keys beside it.
    assert "-o training.batch_tokens=null" in str(caught.value)
    assert "evaluations" not in str(caught.value)
    recipe = load_recipe("tiny", ["training.batch_rows=8", "training.batch_tokens=null"])
    assert isinstance(recipe, EncoderRecipe)
    assert recipe.training.token_budget is None


@pytest.mark.parametrize(
    "option",
    [
        "training.epochs=.inf",
        "training.epochs=1e9",
        "optimiser.lr=.inf",
        "optimiser.lr=nan",
        "optimiser.warmup=.inf",
        "optimiser.max_grad_norm=inf",
    ],
)
def test_numbers_are_finite(option: str) -> None:
    with pytest.raises(ConfigError, match=option.partition("=")[0]):
        load_recipe("tiny", [option])


def test_a_recipe_builds_on_one_that_comes_with_the_kit(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text("extends: tiny\ntitle: mine\n")
    shipped, recipe = load_recipe("tiny"), load_recipe(str(tmp_path / "tiny.yaml"))
    assert recipe == shipped.model_copy(update={"title": "mine"})


def test_a_recipe_builds_on_another(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("kind: majority\ntitle: below\n")
    (tmp_path / "over.yaml").write_text("extends: base\ntitle: above\n")
    assert load_recipe(str(tmp_path / "over.yaml")).title == "above"
    (tmp_path / "round.yaml").write_text("extends: round\n")
    with pytest.raises(ConfigError, match="extends"):
        load_recipe(str(tmp_path / "round.yaml"))
    for base in ("../base", "../../etc", "..", "."):
        (tmp_path / "wrong.yaml").write_text(f"extends: {base}\n")
        with pytest.raises(ConfigError, match="extends"):
            load_recipe(str(tmp_path / "wrong.yaml"))
