"""The models of the runs that a system asks: MODEL/0, MODEL/1, ..., each with its recipe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from massive_kit.data.inventory import read_inventory, write_inventory
from massive_kit.errors import ConfigError, MassiveKitError, Problem
from massive_kit.schema.config import read_yaml
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.interface import System
from massive_kit.systems.kind import kind_of
from massive_kit.systems.recipes import parse_recipe
from massive_kit.systems.saving import carry_over

RECIPE = "recipe.yaml"


def write_members(folder: Path, members: Sequence[tuple[Path, Recipe]]) -> None:
    """Writes the models of some runs into an empty model folder.

    Args:
        folder: The model folder.
        members: A model folder and a recipe of each.
    """
    for number, (model, recipe) in enumerate(members):
        target = folder / str(number)
        target.mkdir()
        carry_over(model, target)
        values = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
        (target / RECIPE).write_text(values, encoding="utf-8")
    write_inventory(folder, read_inventory(members[0][0]))


def load_members(folder: Path) -> list[System]:
    """The systems of the members.

    Raises:
        ConfigError: One is of a kind that does not say how likely each label is.
        MassiveKitError: Members are missing, or the model of one is damaged.
    """
    numbers = sorted(int(path.name) for path in folder.iterdir() if path.name.isdecimal())
    if not numbers or numbers != [*range(len(numbers))]:
        listed = ", ".join(map(str, numbers)) or "none"
        raise MassiveKitError(
            f"{folder} lacks members: of 0, 1, ... it holds {listed}; make the run again"
        )
    return [_loaded(folder / str(number)) for number in numbers]


def _loaded(folder: Path) -> System:
    where = folder / RECIPE
    if not where.is_file():
        raise MassiveKitError(f"{where} is missing; make the run again")
    recipe = parse_recipe(read_yaml(where), str(where))
    kind = kind_of(recipe)
    if not kind.distributions:
        expected = "one that says how likely each label is"
        problem = Problem(str(where), f"kind is {kind.name}", expected)
        raise ConfigError("a member does not fit", [problem])
    try:
        return kind.load(folder, recipe)
    except MassiveKitError:
        raise
    except Exception as error:  # of any library that reads a part of a model
        raise MassiveKitError(
            f"the member in {folder} cannot be loaded: {error}; make the run again"
        ) from error
