"""Other settings of inference for a finished run, as a run of its own, without training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from massive_kit.data.parallel_text import check_overlap
from massive_kit.data.resources import check_resources
from massive_kit.data.task_data import TaskData
from massive_kit.engine.observer import SilentObserver, TextObserver
from massive_kit.errors import ConfigError, Problem, UsageError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import (
    check_run,
    parents,
    recipe_resources,
    run_resources,
    with_parent_models,
)
from massive_kit.runs.own_task import check_own_rows, open_own_task
from massive_kit.runs.run_of_runs import RunOfRuns, check_free
from massive_kit.runs.training import training_data
from massive_kit.schema.config import flattened, parse_overrides
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.kind import Kind, kind_of
from massive_kit.systems.recipes import changed

# The section of a recipe that may change.
_SECTION = "inference."


@dataclass(frozen=True, slots=True)
class Configuration:
    """A finished run with other settings of inference, checked and not yet written.

    Attributes:
        run: The finished run.
        recipe: Its recipe with the new settings.
        task_data: The task on the data that the run was trained on.
    """

    run: RunFolder
    recipe: Recipe
    task_data: TaskData

    @classmethod
    def of(
        cls,
        path: Path,
        overrides: Sequence[str],
        *,
        task: str | None = None,
        data: str | None = None,
        train_data: str | None = None,
    ) -> Configuration:
        """Finds out whether a run can be had with other settings.

        Args:
            path: The run directory.
            overrides: `key=value` changes to `inference` of its recipe.
            task: Another task with the same training and dev rows; the run's own if not given.
            data: The store of its rows, where it is not found under the name it had.
            train_data: The store that it was trained on, likewise.

        Raises:
            MissingDataError: The run has not ended, or its data are not found.
            UsageError: Nothing is changed, or keys that are fixed by training.
            ConfigError: The run's kind has no such settings, they are wrong, the data are others
                than the run's, more would be used than the task allows, or ids in pairs lend
                their labels, too.
        """
        run = RunFolder(path)
        recipe = run.recipe()
        run.facts()
        if not overrides and task is None:
            raise UsageError(
                "nothing to change; give -o inference.KEY=VALUE, once or several times, or --task"
            )
        recipe = _changed(run, recipe, overrides)
        task_data = training_data(recipe, open_own_task(run, task, data, train_data))
        check_own_rows(run, task_data, other_task=task is not None)
        check_run(run, task_data, configured=True)
        configuration = cls(run, recipe, task_data)
        beside = recipe_resources(recipe, _SECTION)
        check_resources(task_data, beside)
        used = (resource.through(f"run {run.path}") for resource in run_resources(run))
        check_overlap((*used, *beside), task_data.train)
        return configuration

    def write(self, out: Path, observer: TextObserver | None = None) -> RunFolder:
        """Writes the run into a new directory, all at once or not at all.

        Args:
            out: The directory.
            observer: Whom to tell how much of the languages' text is read.

        Raises:
            MassiveKitError: The directory holds something, or the run's model is damaged.
            MissingDataError: An encoder or a language's text that the settings name is not found.
            ConfigError: The settings do not fit the encoder or the data.
        """
        check_free(out)
        kind, run, shown = kind_of(self.recipe), self.run, observer or SilentObserver()
        made = RunOfRuns(
            (run,),
            self.recipe,
            self.task_data.task.model_dump(mode="json"),
            run.facts()["data"],
            recipe_resources(self.recipe, _SECTION),
            parents(self.recipe, _SECTION),
        )
        recipe = with_parent_models(self.recipe, _SECTION)
        return made.write(
            out, lambda folder: kind.configure(recipe, self.task_data, run.model, folder, shown)
        )


def _other_way(kind: Kind, key: str) -> str:
    """How a key that `configure` does not change can be."""
    if key in kind.prediction_keys:
        return f"`massive-kit predict -o {key}=...` changes it"
    return "train again" if kind.prepare_path else "make the run anew"


def _changed(run: RunFolder, recipe: Recipe, overrides: Sequence[str]) -> Recipe:
    """The recipe with other settings of inference."""
    values = parse_overrides(overrides)
    section = _SECTION.removesuffix(".")
    fixed = sorted(key for key in flattened(values) if not f"{key}.".startswith(_SECTION))
    kind = kind_of(recipe)
    if not kind.configure_path and not values:
        raise UsageError(
            f"{run.path} is a run of kind {kind.name}, which `configure` gives no other task;"
            " of a run that is made of others, configure those"
        )
    if not kind.configure_path:
        trained = bool(kind.prepare_path)
        instead = None if trained else "configure what it is made of, and make it of that"
        expected = "a kind whose recipes have `inference`"
        problems = [
            Problem(str(run.recipe_file), f"a run of kind {kind.name}", expected, instead),
            *(Problem("-o", key, "a key of `inference`", _other_way(kind, key)) for key in fixed),
        ]
        raise ConfigError("the run has no settings of inference", problems)
    if fixed:
        raise UsageError(
            f"{', '.join(fixed)} cannot change without training; `configure` changes keys of"
            " `inference` alone; for others train again, to another --out"
        )
    if section in flattened(values):
        raise UsageError(
            f"-o {section}=... takes all settings at once; name each, such as"
            f" -o {_SECTION}neighbours=null for none"
        )
    return changed(recipe, values, f"the recipe of {run.path}")
