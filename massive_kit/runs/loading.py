"""Loads the system of a finished run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from massive_kit.errors import ConfigError, MassiveKitError, Problem, UsageError
from massive_kit.runs.folder import RunFolder
from massive_kit.schema.config import flattened, parse_overrides
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.interface import System
from massive_kit.systems.kind import Kind, kind_of
from massive_kit.systems.recipes import changed


def load_system(run: Path, overrides: Sequence[str] = ()) -> System:
    """The system of a run directory.

    Args:
        run: The run directory.
        overrides: `key=value` changes to its recipe, of the keys that its kind lets change when a
            trained run predicts.

    Raises:
        MissingDataError: The directory holds no finished run.
        MassiveKitError: Its model is damaged.
        UsageError: A key does not change anything in predicting.
    """
    folder = RunFolder(run)
    recipe = folder.recipe()
    folder.facts()
    kind = kind_of(recipe)
    recipe = _overridden(recipe, kind, overrides, run)
    try:
        return kind.load(folder.model, recipe)
    except MassiveKitError:
        raise
    except Exception as error:  # of any library that reads a part of a model
        raise MassiveKitError(
            f"the model in {folder.model} cannot be loaded: {error}; train again"
        ) from error


def _overridden(recipe: Recipe, kind: Kind, overrides: Sequence[str], run: Path) -> Recipe:
    if not overrides:
        return recipe
    values = parse_overrides(overrides)
    fixed = sorted({*flattened(values)} - kind.prediction_keys)
    if fixed:
        _check_spelling(recipe, values, run)
        free = ", ".join(sorted(kind.prediction_keys)) or "none"
        of_inference = all(key.startswith("inference.") for key in fixed)
        todo = "train again, to another --out"
        if of_inference and kind.configure_path:
            todo = "`massive-kit configure` makes another run without training"
        raise UsageError(
            f"{', '.join(fixed)} cannot change after training; keys that can, for a run of kind"
            f" {kind.name}: {free}; for others {todo}"
        )
    try:
        return changed(recipe, values, f"the recipe of {run}")
    except ConfigError as error:
        problems: list[Problem] = [*error.problems]
        raise ConfigError("the run cannot predict that way", problems) from None


def _check_spelling(recipe: Recipe, values: dict[str, Any], run: Path) -> None:
    """Tells keys that there are not and that are like others.

    Raises:
        UsageError: There are some.
    """
    try:
        changed(recipe, values, f"the recipe of {run}")
    except ConfigError as error:
        unknown = [p for p in error.problems if p.found.startswith("unknown key") and p.todo]
        if unknown:
            raise UsageError("; ".join(f"{p.found}: {p.todo}" for p in unknown)) from None
