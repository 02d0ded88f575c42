"""Where the models of a run are, wherever it is read from later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from massive_kit.errors import MassiveKitError
from massive_kit.files import jsonio
from massive_kit.systems.prompted.recipe import PromptedRecipe

_FILE = "bases.json"


def keep_bases(recipe: PromptedRecipe, folder: Path) -> None:
    """Writes where the models are that a recipe names; of a run, where its model is."""
    jsonio.write_json(folder / _FILE, {base.key: _absolute(base.name) for base in recipe.bases()})


def resolved(recipe: PromptedRecipe, folder: Path) -> PromptedRecipe:
    """The recipe with the models where they were when the run was prepared.

    Raises:
        MassiveKitError: The run does not say where.
    """
    try:
        bases = jsonio.read_json(folder / _FILE)
        changes = {base.key: str(bases[base.key]) for base in recipe.bases()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MassiveKitError(f"{folder / _FILE} cannot be read: {error}; train again") from None
    values: dict[str, Any] = recipe.model_dump(mode="json")
    for key, name in changes.items():
        *sections, last = key.split(".")
        inner = values
        for section in sections:
            inner = inner[section]
        inner[last] = name
    return PromptedRecipe.model_validate(values)


def _absolute(name: str) -> str:
    path = Path(name)
    return str(path.resolve()) if path.exists() else name
