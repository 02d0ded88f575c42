"""The models of an ensemble's members: MODEL/0, MODEL/1, ..., each with its recipe beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from massive_kit.data.inventory import read_inventory, write_inventory
from massive_kit.errors import ConfigError, MassiveKitError, Problem
from massive_kit.schema.config import read_yaml
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.interface import DistributionSystem, System
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
    """The systems of an ensemble's members.

    Raises:
        ConfigError: One is of a kind that does not say how likely each label is.
        MassiveKitError: The folder holds none, or a model is damaged.
    """
    folders: list[Path] = []
    while (member := folder / str(len(folders))).is_dir():
        folders.append(member)
    if not folders:
        raise MassiveKitError(f"{folder} holds no members of an ensemble; put it together again")
    return [_loaded(member) for member in folders]


def _loaded(folder: Path) -> System:
    path = folder / RECIPE
    recipe = parse_recipe(read_yaml(path), str(path))
    kind = kind_of(recipe)
    if not kind.distributions:
        expected = "one that says how likely each label is"
        raise ConfigError(
            "a member of the ensemble does not fit",
            [Problem(str(path), f"kind is {kind.name}", expected)],
        )
    system = kind.load(folder, recipe)
    assert isinstance(system, DistributionSystem)
    return system
