"""Text without labels: of which locales a recipe may read it, and what that uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from massive_kit.data.lineage import UsedResource
from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData, select_locales
from massive_kit.errors import MissingDataError
from massive_kit.schema.task import TaskSplit
from massive_kit.schema.text_locales import TextLocales


def text_split(task_data: TaskData, chosen: TextLocales, where: str = "recipe: text") -> DataSplit:
    """The training partition of some locales, as text alone.

    Args:
        task_data: The task on its data.
        chosen: The locales; those of the task are those of its training split here.
        where: What names them, for messages.

    Raises:
        ConfigError: The data have no such locale.
    """
    return _of_locales(task_data.train, _locales(task_data, chosen, where))


def as_text(task_data: TaskData, chosen: TextLocales) -> TaskData:
    """A task's data as text alone: nothing that is read of them can be a label.

    Training and dev text are of the same locales, whichever the task selects on.

    Args:
        task_data: The task on its data.
        chosen: The locales, as `text_split` takes them.

    Raises:
        ConfigError: The data have no such locale.
        MissingDataError: None of them has dev text.
    """
    locales = _locales(task_data, chosen)
    train = _of_locales(task_data.train, locales)
    dev = _of_locales(task_data.dev, locales)
    if train.locales and not dev.locales:
        raise MissingDataError(
            f"{dev.store.name} has no {dev.partition} text of {', '.join(locales)}, which"
            " checkpoints are selected on"
        )
    return replace(task_data, train=train, dev=dev, test=task_data.test.unlabelled())


def text_used(split: DataSplit, labelled: tuple[str, ...] = ()) -> Iterator[UsedResource]:
    """What reading text without labels uses.

    Args:
        split: The text.
        labelled: Locales whose labels are read as well, so that their text is nothing more.
    """
    more = tuple(locale for locale in split.locales if locale not in labelled)
    if more:
        store = split.store
        yield UsedResource("unlabelled-text", (f"store {store.name}",), store.shots, more)


def _locales(
    task_data: TaskData, chosen: TextLocales, where: str = "recipe: text"
) -> tuple[str, ...]:
    train = task_data.train
    if chosen == "task":
        return train.locales
    available = tuple(
        locale for locale in train.store.locales if train.partition in train.store.parts[locale]
    )
    wanted = TaskSplit(partition=train.partition, locales=chosen)
    return select_locales(wanted, available, task_data.languages, where=where)


def _of_locales(split: DataSplit, locales: tuple[str, ...]) -> DataSplit:
    parts = split.store.parts
    there = (name for name in locales if split.partition in parts.get(name, ()))
    return split.only(*there).unlabelled()
