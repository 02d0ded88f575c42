"""Objectives: what training minimises. Each is one module of this package, found by being there.

A module brings `Settings` (a frozen pydantic model, without torch) and `build(settings)`, which
gives an `Objective`. One that learns from text without labels, or beside labels, brings besides:

    ARCHITECTURES  what can learn by it
    READS          what it reads: `text` (if not given), `pairs` of utterances, text with its
                   `languages`, the `labels` of the task's rows, these rows in other `cuts`, or
                   what a `teacher` says

One of the first two may be all that is learnt, and has a dev score, whose name is `METRIC`. One
that reads text brings `corrupter(settings, tokenizer, architecture)`, which makes text a task (see
`engine.corruption`), and of an encoder `classes(settings)`, how many labels it tells apart, where
they are no subwords. What the others say in their settings is built in `systems.alignment`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, Self

from pydantic import Field, model_validator

from massive_kit.errors import ConfigError, Problem
from massive_kit.schema.config import Strict, check
from massive_kit.schema.pairs import PairSettings
from massive_kit.schema.task import Architecture
from massive_kit.schema.text_locales import TextLocales

if TYPE_CHECKING:
    from torch import Tensor

    from massive_kit.engine.corruption import Corrupter

DEFAULT = "supervised"
ARCHITECTURE_TITLES: Mapping[Architecture, str] = {
    "encoder": "an encoder",
    "seq2seq": "a text-to-text model",
    "decoder": "a decoder",
    "other": "such a model",
}


class Objective(Protocol):
    """What is minimised over the batches."""

    def __call__(self, model: Any, batch: Mapping[str, Tensor]) -> Tensor:
        """The loss of a batch, a scalar; the mean over what it holds."""


@dataclass(frozen=True, slots=True)
class TextObjective:
    """How a model learns from text without labels.

    Attributes:
        objective: What is minimised.
        corrupter: Makes text a task.
        metric: What the dev score is called: the exponential of the mean loss of what is to be
            said; lower is better.
        classes: Of an encoder, how many labels it tells apart; `None` where they are subwords.
    """

    objective: Objective
    corrupter: Corrupter
    metric: str
    classes: int | None


class ObjectiveSettings(Strict):
    """The part of a recipe that names the objective.

    Attributes:
        name: Which objective: a module of `massive_kit.engine.objectives`, with `-` for `_`.
        settings: The settings of that objective, by key.
        auxiliary: Objectives that an encoder of labels learns by besides, each with its weight
            where the task's loss weighs 1, such as `{mlm: 0.1}`. Every step then takes a batch of
            the text that they read, too.
        auxiliary_settings: Their settings, by objective and key, such as `{contrast: {layer: 7}}`.
        text: Whose text they read: that of the locales that the `task` trains on, of `all` that the
            data have, or of a list of locales; others than the task's are the resource
            `unlabelled-text`.
        pairs: Which ids are read in pairs, by objectives that read some, and so lend no labels; or
            are left to a run that does. Pairs are the resource `parallel-text`.
        confidences: Whether labels that an encoder learns count for as much as they are sure, by
            the `confidences.tsv` of what is trained on (`weights`), or all alike.
    """

    name: str = DEFAULT
    settings: dict[str, Any] = {}
    auxiliary: dict[str, Annotated[float, Field(gt=0)]] = {}
    auxiliary_settings: dict[str, dict[str, Any]] = {}
    text: TextLocales = "task"
    pairs: PairSettings | None = None
    confidences: Literal["ignored", "weights"] = "ignored"

    @model_validator(mode="after")
    def _text_is_read(self) -> Self:
        if self.text != "task" and not self.auxiliary:
            raise ValueError("text: no objective reads it; give auxiliary, such as {mlm: 0.1}")
        return self


def objective_names() -> tuple[str, ...]:
    """The names of all objectives, sorted."""
    modules = pkgutil.iter_modules(__path__)
    return tuple(sorted(module.name.replace("_", "-") for module in modules))


def reading(chosen: ObjectiveSettings) -> dict[str, str]:
    """What each objective that a recipe names reads, by its name."""
    known = objective_names()
    names = [name for name in (chosen.name, *chosen.auxiliary) if name in known]
    return {name: reads(name) for name in names if getattr(_module(name), "ARCHITECTURES", None)}


def reads(name: str) -> str:
    """What an objective reads, see above."""
    return str(getattr(_module(name), "READS", "text"))


def reads_text(chosen: ObjectiveSettings) -> bool:
    """Whether a recipe reads text beside labels, whose locales `text` names."""
    taught = teaching_objective(chosen)
    by_teacher = taught is not None and auxiliary_settings(chosen, taught).reads == "text"
    return by_teacher or not {"text", "languages"}.isdisjoint(reading(chosen).values())


def teaching_objective(chosen: ObjectiveSettings) -> str | None:
    """The auxiliary objective of a recipe that learns from a teacher; `None` where none does."""
    taught = (name for name in chosen.auxiliary if reading(chosen).get(name) == "teacher")
    return next(taught, None)


def auxiliary_settings(chosen: ObjectiveSettings, name: str, where: str = "recipe") -> Any:
    """The settings of an auxiliary objective.

    Raises:
        ConfigError: They are wrong.
    """
    values = chosen.auxiliary_settings.get(name, {})
    return check(_module(name).Settings, values, f"{where}: objective.auxiliary_settings.{name}")


def check_objective(
    chosen: ObjectiveSettings,
    where: str = "recipe",
    *,
    on_text: Architecture | None = None,
    beside: Architecture | None = None,
) -> None:
    """Finds out whether the objective that a recipe names exists, fits and takes its settings.

    Args:
        chosen: What the recipe says.
        where: The recipe, for messages.
        on_text: The architecture that learns from text without labels; `None` where labels are
            learnt.
        beside: The architecture that may learn from text beside labels; `None` where none may.

    Raises:
        ConfigError: It does not.
    """
    module, _ = _settings(chosen, where)
    fitting = [name for name in objective_names() if _fits(_module(name), on_text)]
    if not _fits(module, on_text):
        learner = "a model that learns labels" if on_text is None else ARCHITECTURE_TITLES[on_text]
        problem = Problem(
            where,
            f"objective.name is {chosen.name!r}, of which {learner} cannot learn",
            " or ".join(fitting),
        )
        raise ConfigError("the objective does not fit the recipe", [problem])
    _check_auxiliary(chosen, where, beside)
    if chosen.confidences != "ignored" and beside is None:
        found = f"objective.confidences is {chosen.confidences!r}"
        problem = Problem(where, found, "ignored: only an encoder of labels learns by them")
        raise ConfigError("the objective does not fit the recipe", [problem])
    needing = [name for name, what in reading(chosen).items() if what == "pairs"]
    if needing and chosen.pairs is None:
        problem = Problem(
            where,
            f"{' and '.join(needing)} reads pairs, and objective.pairs is not there",
            "the share of the ids that is read in pairs and lends no labels",
            "-o objective.pairs.ids=0.5",
        )
        raise ConfigError("the objective does not fit the recipe", [problem])


def _check_auxiliary(chosen: ObjectiveSettings, where: str, beside: Architecture | None) -> None:
    fitting = [] if beside is None else [n for n in objective_names() if _is_beside(n, beside)]
    problems = [
        Problem(
            where,
            f"objective.auxiliary names {name!r}",
            " or ".join(fitting) or "nothing: only an encoder of labels learns from text besides",
        )
        for name in chosen.auxiliary
        if name not in fitting
    ]
    problems += [
        Problem(where, f"objective.auxiliary_settings names {name!r}", "an auxiliary objective")
        for name in chosen.auxiliary_settings
        if name not in chosen.auxiliary
    ]
    if problems:
        raise ConfigError("the objective does not fit the recipe", problems)
    for name in chosen.auxiliary:
        auxiliary_settings(chosen, name, where)


def text_objective(
    chosen: ObjectiveSettings, tokenizer: Any, architecture: Architecture
) -> TextObjective:
    """An objective on text without labels.

    Args:
        chosen: What the recipe says, checked.
        tokenizer: Cuts the text; gets the special subwords that it lacks.
        architecture: What learns.

    Raises:
        ConfigError: The tokenizer lacks what cannot be added.
    """
    module, settings = _settings(chosen, "recipe")
    classes = getattr(module, "classes", None) if architecture == "encoder" else None
    return TextObjective(
        module.build(settings),
        module.corrupter(settings, tokenizer, architecture),
        module.METRIC,
        None if classes is None else classes(settings),
    )


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
    module = _module(chosen.name)
    return module, check(module.Settings, chosen.settings, f"{where}: objective.settings")


def _module(name: str) -> Any:
    return import_module(f"{__name__}.{name.replace('-', '_')}")


def _fits(module: Any, on_text: Architecture | None) -> bool:
    """Whether an objective may be all that is learnt."""
    architectures = getattr(module, "ARCHITECTURES", None)
    if on_text is None or architectures is None:
        return on_text is None and architectures is None
    return on_text in architectures and hasattr(module, "METRIC")


def _is_beside(name: str, architecture: Architecture) -> bool:
    return architecture in getattr(_module(name), "ARCHITECTURES", ())
