"""Objectives: what training minimises. Each is one module of this package, found by being there.

A module brings `Settings` (a frozen pydantic model, without torch) and `build(settings)`, which
gives an `Objective`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from massive_kit.errors import ConfigError, Problem
from massive_kit.schema.config import Strict, check

if TYPE_CHECKING:
    from torch import Tensor

DEFAULT = "supervised"


class Objective(Protocol):
    """What is minimised over the batches."""

    def __call__(self, model: Any, batch: Mapping[str, Tensor]) -> Tensor:
        """The loss of a batch, a scalar; the mean over what it holds."""


class ObjectiveSettings(Strict):
    """The part of a recipe that names the objective.

    Attributes:
        name: Which objective: a module of `massive_kit.engine.objectives`, with `-` for `_`.
        settings: The settings of that objective, by key.
    """

    name: str = DEFAULT
    settings: dict[str, Any] = {}


def objective_names() -> tuple[str, ...]:
    """The names of all objectives, sorted."""
    modules = pkgutil.iter_modules(__path__)
    return tuple(sorted(module.name.replace("_", "-") for module in modules))


def check_objective(chosen: ObjectiveSettings, where: str = "recipe") -> None:
    """Finds out whether the objective that a recipe names exists and takes its settings.

    Raises:
        ConfigError: It does not.
    """
    _settings(chosen, where)


def build_objective(chosen: ObjectiveSettings) -> Objective:
    """The objective that a recipe names.

    Raises:
        ConfigError: There is no such objective, or its settings are wrong.
    """
    module, settings = _settings(chosen, "recipe")
    objective: Objective = module.build(settings)
    return objective


def _settings(chosen: ObjectiveSettings, where: str) -> tuple[Any, Strict]:
    """The module of an objective, and its settings."""
    known = objective_names()
    if chosen.name not in known:
        problem = Problem(where, f"objective.name is {chosen.name!r}", " or ".join(known))
        raise ConfigError("the recipe names an objective that does not exist", [problem])
    module = import_module(f"{__name__}.{chosen.name.replace('-', '_')}")
    return module, check(module.Settings, chosen.settings, f"{where}: objective.settings")
