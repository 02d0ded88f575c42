"""The task of a finished run, on the data that it was trained on."""

from __future__ import annotations

from massive_kit.data.opening import open_task
from massive_kit.data.task_data import TaskData
from massive_kit.errors import MissingDataError
from massive_kit.runs.folder import RunFolder
from massive_kit.schema.config import check
from massive_kit.schema.task import Task, load_task


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
