"""A run is known by its model, too, so that no name of it drops what it rests on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from massive_kit.data.opening import open_task
from massive_kit.errors import ConfigError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import parents, recipe_resources, with_parent_models
from massive_kit.runs.named_runs import named_run
from massive_kit.runs.training import check_training, training_data
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.recipes import changed, parse_recipe
from tests.small_encoder import small_recipe


def names_of(run: Path, folder: Path) -> list[str]:
    """Ways to name a run: itself, its model, and links to both."""
    (folder / "run-link").symlink_to(run)
    (folder / "model-link").symlink_to(run / "model")
    links = [folder / "run-link", folder / "run-link" / "model", folder / "model-link"]
    return [str(path) for path in (run, run / "model", run / ".." / run.name / "model", *links)]


def recipes_on(name: str, small_encoder: Path) -> list[Recipe]:
    """Recipes that name a run in each of the places that take one."""
    plain = small_recipe(small_encoder)
    neighbours = small_recipe(small_encoder, k=1)
    return [
        changed(plain, {"model": {"base": name}}, "base"),
        changed(plain, {"model": {"base": name, "heads": "base"}}, "heads"),
        changed(plain, {"model": {"tokenizer": name}}, "tokenizer"),
        changed(neighbours, {"inference": {"neighbours": {"base": name}}}, "neighbours"),
        parse_recipe({"kind": "neighbours", "title": "n", "model": {"base": name}}, "n"),
    ]


def test_a_run_named_by_its_model_is_the_parent(
    runs: dict[str, Path], small_encoder: Path, tmp_path: Path
) -> None:
    run = runs["encoder"]
    for name in names_of(run, tmp_path):
        for recipe in recipes_on(name, small_encoder):
            (parent,) = parents(recipe)
            assert parent.path.resolve() == run.resolve()
            assert "target-labels" in {used.resource for used in recipe_resources(recipe)}
            assert str(parent.model) in str(with_parent_models(recipe).model_dump())


def test_a_task_that_allows_less_refuses_it_by_whatever_name(
    runs: dict[str, Path], small_encoder: Path, tmp_path: Path
) -> None:
    strict = open_task("demo-zeroshot", "demo")
    for name in names_of(runs["encoder"], tmp_path):
        for recipe in recipes_on(name, small_encoder):
            with pytest.raises(ConfigError, match="target-labels was used") as caught:
                check_training(recipe, training_data(recipe, strict))
            assert "made of store demo" in str(caught.value)


def test_a_model_that_was_moved_away_is_of_the_run_that_links_to_it(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(runs["encoder"], run)
    shutil.move(run / "model", tmp_path / "disk")
    (run / "model").symlink_to(tmp_path / "disk")
    assert named_run(str(run / "model"), "here") == RunFolder(run.absolute())
    with pytest.raises(ConfigError, match="the model of a run without the run"):
        named_run(str(tmp_path / "disk"), "here")


def test_it_is_known_as_it_was_named(
    runs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs["encoder"]
    monkeypatch.chdir(run.parent)
    assert named_run(f"{run.name}/model", "here") == RunFolder(Path(run.name))
    monkeypatch.chdir(run)
    assert named_run("model", "here") == RunFolder(Path())


def test_a_copy_of_a_model_that_labels_is_refused(runs: dict[str, Path], tmp_path: Path) -> None:
    copy = shutil.copytree(runs["encoder"] / "model", tmp_path / "copy")
    recipe = changed(small_recipe(copy), {}, "copy")
    with pytest.raises(ConfigError, match="name the directory of the run") as caught:
        parents(recipe)
    assert "recipe: model.base" in str(caught.value)
    assert str(copy) in str(caught.value)


def test_a_member_of_a_run_of_runs_is_named_by_its_own_run(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    whole = RunFolder(shutil.copytree(runs["encoder"], tmp_path / "ensemble"))
    member = shutil.copytree(whole.model, whole.model / "0")
    shutil.copy(whole.recipe_file, member)
    with pytest.raises(ConfigError, match="the model of a run without the run"):
        named_run(str(member), "here")


def test_an_encoder_that_stands_in_a_model_is_plain_where_the_run_rests_on_no_other(
    runs: dict[str, Path], small_encoder: Path, tmp_path: Path
) -> None:
    assert named_run(str(small_encoder), "here") is None
    assert named_run("intfloat/multilingual-e5-base", "here") is None
    run = RunFolder(shutil.copytree(runs["encoder"], tmp_path / "run"))
    frozen = shutil.copytree(small_encoder, run.model / "encoder")
    assert named_run(str(frozen), "here") is None
    run.write_facts(run.facts() | {"parents": [{"run": "runs/first"}]})
    with pytest.raises(ConfigError, match="name the run that the part is of: runs/first"):
        named_run(str(frozen), "here")
