"""Recipes by name or file, each parsed by the kind of system that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from massive_kit import content
from massive_kit.engine.objectives import check_objective
from massive_kit.errors import ConfigError, MissingDataError, Problem
from massive_kit.schema.config import check, merge, parse_overrides, read_yaml
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.kind import kinds
from massive_kit.systems.trained_recipe import TrainedRecipe


def parse_recipe(values: dict[str, Any], where: str) -> Recipe:
    """A recipe from its keys.

    Raises:
        ConfigError: With a problem for every wrong, missing and unknown key.
    """
    name, known = values.get("kind"), kinds()
    if not isinstance(name, str) or name not in known:
        what = "the key 'kind' is missing" if name is None else f"kind is {name!r}"
        problem = Problem(where, what, " or ".join(known))
        raise ConfigError(f"{where} is not a valid recipe", [problem])
    recipe = check(known[name].recipe, values, where, f"{name} recipe")
    if isinstance(recipe, TrainedRecipe):
        on_text = None if recipe.uses_labels else known[name].architecture_of(recipe)
        check_objective(recipe.objective, where, on_text=on_text, beside=recipe.learns_text_beside)
    return recipe


def load_recipe(name: str, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe of that name, or in the file of that path, with `key=value` overrides on top.

    A recipe may build on another one of its folder, or on one that comes with the kit:
    `extends: xlmr-base`.

    Raises:
        MissingDataError: There is none.
        ConfigError: It is wrong; every mistake is told.
    """
    path = content.find("baselines", name)
    values = read_yaml(path)
    seen = [path]
    while base := values.pop("extends", None):
        next_path = _extended(seen, base)
        if next_path is None:
            expected = (
                "the plain name of another recipe of this folder, or of one that comes with the kit"
            )
            problem = Problem(str(seen[-1]), f"extends {base!r}", expected)
            raise ConfigError(f"{path} cannot be read", [problem])
        seen.append(next_path)
        values = merge(read_yaml(next_path), values)
    return parse_recipe(merge(values, parse_overrides(overrides)), str(path))


def _extended(seen: Sequence[Path], base: Any) -> Path | None:
    """The recipe that the last of `seen` builds on; a file builds on itself by no way."""
    # A path would lead out of the folder.
    if not isinstance(base, str) or Path(base).name != base or "\\" in base:
        return None
    beside = seen[-1].with_name(f"{base}.yaml")
    if beside.is_file() and beside not in seen:
        return beside
    try:
        shipped = content.find("baselines", base)
    except MissingDataError:
        return None
    return None if shipped in seen else shipped


def changed(recipe: Recipe, values: dict[str, Any], where: str) -> Recipe:
    """The recipe with some keys changed.

    Raises:
        ConfigError: With a problem for every key that does not fit.
    """
    return parse_recipe(merge(recipe.model_dump(mode="json"), values), where)


def with_seed(recipe: Recipe, seed: int) -> Recipe:
    """The recipe with another seed; the same where nothing is random.

    Raises:
        ConfigError: The seed is negative or above 2**32 - 1.
    """
    if recipe.seed_key is None:
        return recipe
    *sections, name = recipe.seed_key.split(".")
    values: dict[str, Any] = {name: seed}
    for section in reversed(sections):
        values = {section: values}
    return changed(recipe, values, f"the recipe with seed {seed}")


def seed_of(values: Mapping[str, Any]) -> int | None:
    """The seed that the values of a recipe name; `None` where there is none."""
    return _taken_out(values)[1]


def without_seed(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a recipe but its seed, which are those of each of its seeds."""
    return _taken_out(values)[0]


def _taken_out(values: Mapping[str, Any]) -> tuple[dict[str, Any], int | None]:
    kind = kinds().get(str(values.get("kind")))
    key = kind.recipe.seed_key if kind else TrainedRecipe.seed_key
    rest = dict(values)
    if key is None:
        return rest, None
    *sections, name = key.split(".")
    inner = rest
    for section in sections:
        below = inner.get(section)
        if not isinstance(below, Mapping):
            return rest, None
        inner[section] = inner = dict(below)
    seed = inner.pop(name, None)
    return rest, seed if isinstance(seed, int) else None
