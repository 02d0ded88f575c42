"""What a recipe of pre-training may say."""

from __future__ import annotations

from typing import Any

import pytest

from massive_kit.errors import ConfigError
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.kind import kind_of
from massive_kit.systems.recipes import load_recipe, parse_recipe


def parsed(architecture: str, name: str, **more: Any) -> Recipe:
    model = {"architecture": architecture, "base": "somewhere"}
    values = {"kind": "pretraining", "title": "t", "model": model, "objective": {"name": name}}
    return parse_recipe(values | more, "recipe")


@pytest.mark.parametrize(
    ("architecture", "objective"),
    [
        ("encoder", "mlm"),
        ("encoder", "deshuffling"),
        ("seq2seq", "denoising"),
        ("seq2seq", "deshuffling"),
        ("decoder", "causal"),
    ],
)
def test_each_architecture_learns_by_what_it_can(architecture: str, objective: str) -> None:
    recipe = parsed(architecture, objective)
    assert kind_of(recipe).architecture_of(recipe) == architecture


@pytest.mark.parametrize(
    ("architecture", "objective", "others"),
    [
        ("encoder", "causal", "deshuffling or mlm"),
        ("seq2seq", "mlm", "denoising or deshuffling"),
        ("decoder", "denoising", "causal"),
        ("encoder", "supervised", "deshuffling or mlm"),
    ],
)
def test_what_it_cannot_learn_by_is_refused(architecture: str, objective: str, others: str) -> None:
    with pytest.raises(ConfigError, match="the objective does not fit") as caught:
        parsed(architecture, objective)
    learner = {"encoder": "an encoder", "seq2seq": "a text-to-text model", "decoder": "a decoder"}
    sentence = f"objective.name is '{objective}', of which {learner[architecture]} cannot learn"
    assert sentence in str(caught.value)
    # Others may be there besides.
    assert str(caught.value).endswith(others)


def test_an_encoder_of_labels_does_not_learn_from_text_alone() -> None:
    with pytest.raises(ConfigError, match="a model that learns labels cannot learn; expected su"):
        load_recipe("tiny", ["objective.name=mlm"])


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"training": {"metric": "slot_f1"}}, "is selected by the perplexity of dev text"),
        ({"optimiser": {"head_steps": 5}}, "only an encoder has a head"),
        (
            {"objective": {"name": "causal", "settings": {"rate": 0.3}}},
            "unknown key 'rate'",
        ),
    ],
)
def test_keys_that_mean_nothing_are_refused(more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parsed("decoder", "causal", **more)
    assert sentence in str(caught.value)


def test_a_saved_recipe_is_read_back() -> None:
    recipe = load_recipe("small-encoder-mlm")
    assert parse_recipe(recipe.model_dump(mode="json"), "recipe.yaml") == recipe


def test_masks_are_shares_of_one_whole() -> None:
    settings = {"masked": 0.8, "replaced": 0.3}
    with pytest.raises(ConfigError, match="their sum is above 1"):
        parsed("encoder", "mlm", objective={"name": "mlm", "settings": settings})
