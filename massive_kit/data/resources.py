"""Honest settings: what a system used is held to what its task allows.

A store's lineage says what was used for it. A run used what its training data did, the labels it
was trained on, and whatever the run it builds on used:

    used = [*used_resources(task_data), *(u.through(f"run {base}") for u in resources_of_base)]

The run keeps `[u.to_json() for u in used]`, from which `UsedResource.from_json` reads them back.
Before it trains, `check_resources(task_data, inherited)` refuses what the task does not allow;
`inherited` is the second part of `used`. Where a run meets another task (it is predicted with,
or handed in), `check_allowed(task, used)` does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from massive_kit.data.lineage import UsedResource
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, Problem
from massive_kit.schema.resources import RESOURCES
from massive_kit.schema.task import Task


def used_resources(task_data: TaskData) -> tuple[UsedResource, ...]:
    """What training on a task's data uses: what its store rests on, and labels, with their locales.

    Which of these labels are those of a target is for the task to say that a run meets later: what
    is the source of one task may be the target of another. Of text alone no labels are used.
    """
    train = task_data.train
    if train.text_only:
        return tuple(_of_store(task_data))
    labels = UsedResource(
        "target-labels",
        (f"store {train.store.name}",),
        train.store.shots,
        train.label_locales,
        task_data.left_out,
    )
    return (*_of_store(task_data), labels)


def check_resources(task_data: TaskData, inherited: Iterable[UsedResource] = ()) -> None:
    """Refuses training data, or a base, that used what the task does not allow.

    The labels of the task's own training split are allowed by naming them.

    Args:
        task_data: The task on its data.
        inherited: What a run to build on used, as that run kept it, each `through` the run.

    Raises:
        ConfigError: With a problem for each resource, and the chain that leads to who used it.
    """
    used = [*_of_store(task_data), *inherited]
    check_allowed(
        task_data.task,
        used,
        shots=task_data.train.store.shots,
        labelled=free_labels(task_data.task, task_data.task_locales),
    )


def free_labels(task: Task, train_locales: Sequence[str]) -> tuple[str, ...]:
    """The locales whose labels a task allows by naming them, all rows of them.

    Of a few-shot task that is its source locale alone; of the others it allows a sample.

    Args:
        task: The task.
        train_locales: The locales whose labels its training split has.
    """
    if task.setting == "few-shot":
        return (task.source_locale,) if task.source_locale else ()
    return tuple(train_locales)


def check_allowed(
    task: Task,
    chain: Iterable[UsedResource],
    *,
    shots: int | None = None,
    labelled: Collection[str] = (),
) -> None:
    """Refuses what a task does not allow.

    Args:
        task: The task.
        chain: What was used.
        shots: Of a few-shot task, most training rows per intent of its sample, where it is at hand.
        labelled: Locales whose labels the task allows, as `free_labels` gives them; their text is
            then no resource either.

    Raises:
        ConfigError: With a problem for each resource, and the chain that leads to who used it.
    """
    allowed = " and ".join(task.allow) or "no resource beside the source labels"
    problems = []
    for used in dict.fromkeys(chain):
        if used.is_of(labelled):
            continue
        if used.resource not in task.allow:
            expected = allowed
        elif task.setting == "few-shot" and _is_no_sample(used, shots):
            limit = f" with {shots} rows per intent" if shots else ""
            expected = f"the labels of a sample{limit}"
        else:
            continue
        problems.append(Problem(_chain(used.by), _told(used, labelled), expected, _TODO))
    if problems:
        raise ConfigError(f"more was used than the task {task.name} allows", problems)


# Locales that a line names.
_SHOWN = 10
_TODO = "use other data or another base, or a task whose `allow` names the resource"


def _of_store(task_data: TaskData) -> Iterable[UsedResource]:
    store = task_data.train.store
    return store.lineage.used(store.name) if store.lineage else ()


def _is_no_sample(used: UsedResource, shots: int | None) -> bool:
    if used.resource != "target-labels":
        return False
    return used.shots is None or (shots is not None and used.shots > shots)


def _chain(by: tuple[str, ...]) -> str:
    return ", made of ".join(by)


def _told(used: UsedResource, labelled: Collection[str]) -> str:
    meaning = RESOURCES[used.resource].rstrip(".")
    shots = f", {used.shots} rows per intent" if used.shots else ""
    text_of = ""
    if used.resource == "unlabelled-text":
        more = [locale for locale in used.locales if locale not in labelled]
        shown = ", ".join(more[:_SHOWN]) + (", ..." if len(more) > _SHOWN else "")
        text_of = f": {shown}" if more else ""
    return f"{used.resource} was used ({meaning[0].lower()}{meaning[1:]}{text_of}{shots})"
