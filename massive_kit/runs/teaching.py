"""Distillation: a finished run teaches another what it says of utterances."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from massive_kit.data.inventory import Inventory, read_inventory
from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, Problem, UsageError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.interface import DistributionSystem, Utterance
from massive_kit.systems.kind import kind_of

# Labels that a message names.
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class RunTeacher:
    """A finished run that is asked for distributions; it is loaded to be asked, and not kept.

    Attributes:
        path: The run directory.
    """

    path: Path

    def distributions(self, rows: Iterable[tuple[str, pa.Table]]) -> LabelDistributions:
        """What it says of rows with `id`, `utt` and `tokens`, locale by locale."""
        system = load_system(self.path)
        if not isinstance(system, DistributionSystem):
            raise UsageError(f"{self.path} does not say how likely each label is")
        utterances = [
            Utterance(identity, locale, text, tokens)
            for locale, table in rows
            for identity, text, tokens in zip(
                *(table[name].to_pylist() for name in ("id", "utt", "tokens")), strict=True
            )
        ]
        return system.label_distributions(utterances)


def with_teacher(recipe: Recipe, task_data: TaskData) -> TaskData:
    """A task's data with the run that a recipe learns from, if it learns from one."""
    teacher = recipe.teacher()
    if teacher is None:
        return task_data
    return replace(task_data, teacher=RunTeacher(Path(teacher.name)))


def check_teacher(recipe: Recipe, task_data: TaskData) -> None:
    """Finds out whether the run that a recipe learns from can teach a task's labels.

    Raises:
        MissingDataError: It has not ended.
        ConfigError: It is not a run, of a kind that does not say how likely each label is, or it
            knows other labels; every mistake is told.
    """
    teacher = recipe.teacher()
    if teacher is None:
        return
    run = RunFolder(Path(teacher.name))
    where = f"recipe: {teacher.key}"
    expected = "the directory of a finished run that says how likely each label is"
    if not run.recipe_file.is_file():
        problem = Problem(
            where, f"{teacher.name} is not a run", expected, "train the teacher first"
        )
        raise ConfigError("the teacher does not fit", [problem])
    run.facts()
    kind, problems = kind_of(run.recipe()), []
    if not kind.distributions:
        what = f"{teacher.name} is a run of kind {kind.name}"
        problems.append(Problem(where, what, expected))
    if (run.model / "inventory.json").is_file():
        differences = _other_labels(read_inventory(run.model), task_data.store.inventory)
        problems += [
            Problem(where, f"{teacher.name} {what}", expected) for what, expected in differences
        ]
    if problems:
        raise ConfigError("the teacher does not fit", problems)


def _other_labels(teacher: Inventory, student: Inventory) -> list[tuple[str, str]]:
    """What a teacher knows and what it should, for each part that differs."""
    pairs = (
        ("intents", teacher.intents, student.intents),
        ("slots", teacher.slots, student.slots),
        ("spans", (teacher.scheme,), (student.scheme,)),
    )
    return [
        (f"knows other {name} ({_difference(known, wanted)})", f"the {name} of the task's data")
        for name, known, wanted in pairs
        if known != wanted
    ]


def _difference(known: tuple[str, ...], wanted: tuple[str, ...]) -> str:
    more, fewer = sorted({*known} - {*wanted}), sorted({*wanted} - {*known})
    parts = [
        f"{name} {', '.join(labels[:_SHOWN])}{', ...' if len(labels) > _SHOWN else ''}"
        for name, labels in (("with", more), ("without", fewer))
        if labels
    ]
    return " and ".join(parts) or "in another order"
