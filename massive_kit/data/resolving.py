"""From the names on a command line to a task laid on its data."""

from __future__ import annotations

from massive_kit.data.locate import open_data
from massive_kit.data.task_data import ResolvedTask, resolve_task, task_languages
from massive_kit.errors import MissingDataError
from massive_kit.schema.task import load_task


def open_task(task: str, data: str | None = None) -> ResolvedTask:
    """The task of that name or file, on the data that `--data` names or on the task's default.

    Raises:
        MissingDataError: The task or the data are not there.
        ConfigError: The task is wrong, or does not fit the data.
    """
    loaded = load_task(task)
    try:
        store = open_data(data, loaded.data, task_languages(loaded))
    except MissingDataError:
        if data is not None or loaded.setting != "few-shot":
            raise
        name = loaded.data[0]
        raise MissingDataError(
            f"the data {name!r} are not here; draw them with"
            f" `massive-kit data sample --data 1.1 --name {name} --per-intent 5`,"
            " or name another sample with --data"
        ) from None
    return resolve_task(loaded, store)
