"""Distillation: a finished run teaches another what it says of utterances."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pyarrow as pa

from massive_kit.data.inventory import Inventory, read_inventory
from massive_kit.data.label_distributions import LabelDistributions, joined, mean_of
from massive_kit.data.task_data import TaskData
from massive_kit.data.word_states import StatesAsked
from massive_kit.engine.observer import SilentObserver, TrainingObserver
from massive_kit.errors import ConfigError, Problem, UsageError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.runs.taught_cache import TaughtCache
from massive_kit.schema.recipe import Base, Recipe
from massive_kit.systems.interface import DistributionSystem, Utterance
from massive_kit.systems.kind import kind_of

_LOG = logging.getLogger(__name__)
# Labels that a message names.
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class RunTeacher:
    """Finished runs that are asked for distributions, whose mean is what they say.

    What one says of the text of a locale is kept in the cache; a run is loaded to be asked, and not
    kept.

    Attributes:
        paths: The run directories.
        observer: Whom to tell how many texts are asked for, and which are done.
    """

    paths: tuple[Path, ...]
    observer: TrainingObserver = field(default_factory=SilentObserver)

    def distributions(
        self, rows: Iterable[tuple[str, pa.Table]], asked: StatesAsked | None = None
    ) -> LabelDistributions:
        """What they say of rows with `id`, `utt` and `tokens`, locale by locale.

        Args:
            rows: Locales, each with its rows.
            asked: Which hidden states of the first of them are wanted as well.

        Raises:
            ConfigError: It has no such states.
            UsageError: A run does not say how likely each label is.
        """
        tables = list(rows)
        questions = [
            _Question.of(path, tables, states) for path, states in states_by_run(self.paths, asked)
        ]
        if missing := sum(question.missing for question in questions):
            self.observer.teaching(missing)
        return mean_of([question.answered(self.observer.taught) for question in questions])


def states_by_run(
    paths: Sequence[Path], asked: StatesAsked | None
) -> Sequence[tuple[Path, StatesAsked | None]]:
    """Which hidden states each of several runs is asked for: the first alone, if any.

    Raises:
        ConfigError: It has no such states.
    """
    first, *others = paths
    if asked is not None:
        run = RunFolder(first)
        kind_of(run.recipe()).check_states(run.model, asked)
    return [(first, asked), *((path, None) for path in others)]


def with_teacher(
    recipe: Recipe, task_data: TaskData, observer: TrainingObserver | None = None
) -> TaskData:
    """A task's data with the runs that a recipe learns from, if it learns from some.

    Args:
        recipe: The recipe.
        task_data: The task on its data.
        observer: Whom to tell when they are asked.
    """
    paths = teacher_paths(recipe)
    if not paths:
        return task_data
    return replace(task_data, teacher=RunTeacher(paths, observer or SilentObserver()))


def teacher_paths(recipe: Recipe) -> tuple[Path, ...]:
    """The directories of the runs that a recipe learns from."""
    return tuple(Path(base.name) for base in recipe.teachers())


def check_teacher(recipe: Recipe, task_data: TaskData) -> None:
    """Finds out whether the runs that a recipe learns from can teach a task's labels.

    Raises:
        MissingDataError: One has not ended.
        ConfigError: One is not a run, of a kind that does not say how likely each label is, or it
            knows other labels; every mistake is told.
    """
    problems = [
        problem for teacher in recipe.teachers() for problem in _problems(teacher, task_data)
    ]
    if problems:
        raise ConfigError("the teacher does not fit", problems)


def _problems(teacher: Base, task_data: TaskData) -> list[Problem]:
    run = RunFolder(Path(teacher.name))
    where = f"recipe: {teacher.key}"
    expected = "the directory of a finished run that says how likely each label is"
    if not run.recipe_file.is_file():
        what = f"{teacher.name} is not a run"
        return [Problem(where, what, expected, "train the teacher first")]
    run.facts()
    kind, problems = kind_of(run.recipe()), []
    if not kind.distributions:
        what = f"{teacher.name} is a run of kind {kind.name}"
        todo = "`massive-kit data derive pseudo-label` makes labels of what such a run says"
        problems.append(Problem(where, what, expected, todo))
    if (run.model / "inventory.json").is_file():
        differences = _other_labels(read_inventory(run.model), task_data.store.inventory)
        problems += [
            Problem(where, f"{teacher.name} {what}", expected) for what, expected in differences
        ]
    return problems


@dataclass(frozen=True, slots=True)
class _Question:
    """What a run is asked for.

    Attributes:
        path: Its directory.
        tables: Locales, each with its rows.
        asked: Which hidden states are wanted as well.
        cache: What it said before.
        kept: Of each locale what it said before, or `None`.
    """

    path: Path
    tables: Sequence[tuple[str, pa.Table]]
    asked: StatesAsked | None
    cache: TaughtCache
    kept: Sequence[LabelDistributions | None]

    @classmethod
    def of(
        cls, path: Path, tables: Sequence[tuple[str, pa.Table]], asked: StatesAsked | None
    ) -> _Question:
        cache = TaughtCache.of(path, asked)
        return cls(path, tables, asked, cache, [cache.read(*table) for table in tables])

    @property
    def missing(self) -> int:
        """How many texts it has not spoken of before."""
        parts = zip(self.tables, self.kept, strict=True)
        return sum(len(table) for (_, table), part in parts if part is None)

    def answered(self, taught: Callable[[str, int], None]) -> LabelDistributions:
        """What the run says; `taught` is called with the locale and the number of new texts."""
        system: DistributionSystem | None = None
        parts, reused = [], 0
        for (locale, table), kept in zip(self.tables, self.kept, strict=True):
            part = kept
            if part is None and (part := self.cache.read(locale, table)) is not None:
                # A copy of the run has been asked in the meantime.
                taught(locale, len(table))
            if part is None:
                system = system or _loaded(self.path)
                answers = system.label_distributions(
                    _utterances(locale, table), self.asked, partial(taught, locale)
                )
                self.cache.write(locale, table, answers)
                part = self.cache.read(locale, table)
                assert part is not None
            else:
                reused += len(table)
            parts.append(part)
        if reused:
            _LOG.warning(
                "%s: of %d of %d texts what it said before is in the cache, and is reused",
                self.path,
                reused,
                sum(len(table) for _, table in self.tables),
            )
        return joined(parts)


def _loaded(path: Path) -> DistributionSystem:
    system = load_system(path)
    if not isinstance(system, DistributionSystem):
        raise UsageError(f"{path} does not say how likely each label is")
    return system


def _utterances(locale: str, table: pa.Table) -> list[Utterance]:
    columns = (table[name].to_pylist() for name in ("id", "utt", "tokens"))
    return [
        Utterance(identity, locale, text, tokens)
        for identity, text, tokens in zip(*columns, strict=True)
    ]


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
