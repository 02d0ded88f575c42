"""The task of a finished run, on the data that it was trained on."""

from __future__ import annotations

from collections.abc import Sequence

from massive_kit.data.opening import open_task
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, MissingDataError, Problem
from massive_kit.runs.folder import RunFolder
from massive_kit.schema.config import check
from massive_kit.schema.task import Task, load_task

# Locales that a line names.
_SHOWN = 3


def open_own_task(
    run: RunFolder,
    task: str | None = None,
    data: str | None = None,
    train_data: str | None = None,
) -> TaskData:
    """A task on the data that a run was trained on, by the names that these had.

    Args:
        run: The finished run.
        task: Another task; its own if not given.
        data: The store, where it is not found under the name it had.
        train_data: The store that it was trained on, likewise.

    Raises:
        MissingDataError: The run has not ended, or its data are not found.
    """
    kept = run.facts()["data"]
    try:
        return open_task(
            load_task(task) if task else own_task(run),
            data or kept["name"],
            train_data or kept["train"].get("store"),
        )
    except MissingDataError as error:
        raise MissingDataError(
            f"{error}; or name the data that {run.path} was trained on with --data and --train-data"
        ) from None


def own_task(run: RunFolder) -> Task:
    """The task as it was when the run began."""
    kept = run.task()
    # Runs of earlier versions kept its name alone.
    if not kept or "setting" not in kept:
        return load_task(run.facts()["task"])
    return check(Task, kept, f"the task of {run.path}")


def check_own_rows(
    run: RunFolder,
    task_data: TaskData,
    *,
    other_task: bool,
    splits: Sequence[str] = ("train", "dev"),
) -> None:
    """Refuses rows, or labels, that a run was not trained and selected on.

    Args:
        run: The finished run.
        task_data: A task on what are said to be its data.
        other_task: Whether the task is not its own.
        splits: Which are compared.

    Raises:
        ConfigError: They are others.
    """
    kept = run.facts()["data"]
    problems = []
    of_task = {"train": task_data.train, "dev": task_data.dev}
    for name in splits:
        split, before = of_task[name], kept[name]
        # A mean of runs that were trained on several sets of rows names all of them.
        if split.hash not in before["hash"].split("+"):
            todo = f"name the data of the run with --{'train-' * (name == 'train')}data"
            chosen = (split.partition, [*split.locales])
            if other_task and chosen != (before["partition"], before["locales"]):
                todo = (
                    f"leave out --task, or name one whose {name} rows are {before['partition']} of"
                    f" {_shown(before['locales'])}; {task_data.task.name} takes {split.partition}"
                    f" of {_shown(split.locales)}"
                )
            problems.append(
                Problem(
                    f"store {split.store.name}",
                    f"{split.rows:,} {name} rows of hash {split.hash}",
                    f"{before['rows']:,} of hash {before['hash']}, as {run.path}",
                    todo,
                )
            )
    labels = task_data.store.inventory.hash
    if labels != kept.get("inventory", labels):
        expected = f"{kept['inventory']}, as {run.path}"
        problems.append(
            Problem(f"store {task_data.store.name}", f"labels of hash {labels}", expected)
        )
    if problems:
        raise ConfigError("the data are not those of the run", problems)


def _shown(locales: Sequence[str]) -> str:
    more = f" and {len(locales) - _SHOWN} more" * (len(locales) > _SHOWN)
    return ", ".join(locales[:_SHOWN]) + more
