"""How a run begins: in an empty directory, or where an earlier call with the same plan stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from massive_kit.errors import ConfigError, MassiveKitError, Problem
from massive_kit.runs.folder import RunFolder
from massive_kit.schema.config import flattened
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import Task

# Long values, such as 51 locales, are cut in a message.
_MOST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What a run is to do, and where.

    Attributes:
        folder: The run directory.
        recipe: What to train and how.
        task: The task.
        data: Facts of the rows to train and to select on, as `data_facts` gives them.
    """

    folder: RunFolder
    recipe: Recipe
    task: Task
    data: dict[str, Any]

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keeps recipe, task and data in the directory while the block runs and afterwards.

        A block that fails before the first step leaves no file.
        """
        self.folder.write_recipe(self.recipe)
        self.folder.write_task(self.task.model_dump(mode="json"))
        self.folder.write_data(self.data)
        try:
            yield
        except BaseException:
            if not _has_begun(self.folder):
                self.folder.forget()
                with suppress(OSError):
                    self.folder.checkpoints.rmdir()
            raise


def nothing_left_to_do(plan: RunPlan, *, resume: bool) -> bool:
    """Whether there is nothing left to do.

    Raises:
        MassiveKitError: The directory holds something else.
        ConfigError: A run is resumed with another recipe, another task or other data.
    """
    folder = plan.folder
    if not folder.recipe_file.is_file():
        if folder.path.is_dir() and any(folder.path.iterdir()) and not _is_left_over(folder):
            raise MassiveKitError(f"{folder.path} holds other files; choose another --out")
        return False
    # A run that was killed before its first step holds nothing yet.
    if not resume and not folder.finished and not folder.log.exists():
        return False
    if not resume:
        state = "a finished run" if folder.finished else "a run that has not ended"
        raise MassiveKitError(
            f"{folder.path} holds {state}; add --resume (from Python resume=True) to go on with it,"
            " or choose another --out"
        )
    if folder.finished or _has_begun(folder):
        _check_same(plan)
    return folder.finished


def _check_same(plan: RunPlan) -> None:
    folder = plan.folder
    recipe, task = folder.recipe().model_dump(mode="json"), folder.task()
    changes = {
        "recipe": _differences("recipe", recipe, plan.recipe.model_dump(mode="json")),
        "task": _differences("task", _learnt(task), _learnt(plan.task.model_dump(mode="json"))),
        "data": _differences("data", _content(folder.data()), _content(plan.data)),
        "labels": _differences("labels", _labels(folder.data()), _labels(plan.data)),
    }
    changed = [name for name, problems in changes.items() if problems]
    if changed:
        raise ConfigError(
            f"a run is resumed with the {', '.join(changed)} it began with; choose another --out",
            [problem for problems in changes.values() for problem in problems],
        )


def _learnt(task: dict[str, Any]) -> dict[str, Any]:
    """What of a task a model depends on."""
    return {key: task[key] for key in ("name", "train", "dev") if key in task}


def _content(data: dict[str, Any]) -> dict[str, Any]:
    """What of the data a model depends on: not the name of the store."""
    return {
        key: {name: value for name, value in data[key].items() if name != "store"}
        for key in ("train", "dev", "text", "pairs")
        if key in data
    }


def _labels(data: dict[str, Any]) -> dict[str, Any]:
    """The hash of the inventory, whose order gives a model's outputs their meaning."""
    return {key: data[key] for key in ("inventory",) if key in data}


def _has_begun(folder: RunFolder) -> bool:
    return folder.log.exists() or any(folder.checkpoints.glob("*"))


def _is_left_over(folder: RunFolder) -> bool:
    """Whether the directory holds nothing but what may be left in one whose recipe is gone."""
    return set(folder.path.iterdir()) <= {folder.log, folder.checkpoints, folder.tensorboard}


def _differences(where: str, before: dict[str, Any], now: dict[str, Any]) -> Sequence[Problem]:
    if not before:
        # An earlier version did not keep it.
        return []
    old, new = flattened(before), flattened(now)
    return [
        Problem(where, f"{key} is {_shown(new.get(key))}", f"{_shown(old.get(key))} as before")
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
