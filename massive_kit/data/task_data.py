"""A task laid on a store: which locales and rows it means there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from massive_kit.data.declared_inventory import DeclaredInventory, declared_inventory
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.subset import Subset, read_ids
from massive_kit.data.subset_store import with_subset
from massive_kit.data.undeclared_labels import check_labels
from massive_kit.errors import ConfigError, Problem
from massive_kit.languages import LanguageTable, LocaleMatch
from massive_kit.schema.task import ZERO_SHOT_SETTINGS, Task, TaskSplit

if TYPE_CHECKING:
    from massive_kit.data.id_split import IdSplit
    from massive_kit.data.label_distributions import Teacher
    from massive_kit.data.parallel_text import ParallelText

_TODO = "check the locale code, or --data"


@dataclass(frozen=True, slots=True)
class TaskData:
    """A task on a store.

    Attributes:
        task: As its YAML says.
        languages: The language table, with the task's own rows.
        train: What may be trained on.
        dev: What checkpoints are selected on.
        test: What is scored.
        left_out: The ids whose labels are not trained on, since they are read in pairs.
        parallel: The utterances that are read in pairs.
        teacher: Whose distributions over labels are learnt.
    """

    task: Task
    languages: LanguageTable
    train: DataSplit
    dev: DataSplit
    test: DataSplit
    left_out: IdSplit | None = None
    parallel: ParallelText | None = None
    teacher: Teacher | None = None

    @property
    def store(self) -> Store:
        """The store that is scored; its inventory is the task's."""
        return self.test.store

    @property
    def averaged(self) -> tuple[str, ...]:
        """The test locales that averages run over.

        All, but in zero-shot settings without the training locales.
        """
        if self.task.setting not in ZERO_SHOT_SETTINGS:
            return self.test.locales
        trained = self.train.label_locales
        return tuple(locale for locale in self.test.locales if locale not in trained)

    @property
    def task_locales(self) -> tuple[str, ...]:
        """The locales that the task trains on, whatever a recipe reads of them or beside them."""
        store, partition = self.train.store, self.train.partition
        available = tuple(name for name in store.locales if partition in store.parts[name])
        return select_locales(self.task.train, available, self.languages) if available else ()


def check_shots(task_data: TaskData) -> None:
    """Finds out before training whether a few-shot task has a few-shot sample.

    Raises:
        ConfigError: Its training rows are not such a sample.
    """
    store = task_data.train.store
    if task_data.task.setting == "few-shot" and store.shots is None:
        problem = Problem(
            "task",
            f"{task_data.task.name} is few-shot, and {store.name} is not a sample",
            "a few training rows of each intent",
            f"massive-kit data sample --data {store.name} --name {store.name}-k5 --per-intent 5",
        )
        raise ConfigError("the task does not fit the data", [problem])


def task_languages(task: Task) -> LanguageTable:
    """The language table that a task uses.

    Raises:
        ConfigError: Its CSV is wrong.
    """
    return LanguageTable.load(Path(task.languages) if task.languages else None)


def select_locales(
    split: TaskSplit, available: tuple[str, ...], table: LanguageTable, where: str = "task"
) -> tuple[str, ...]:
    """The locales of `available` that a split means, in their order.

    Args:
        split: Which locales are wanted.
        available: Those there are.
        table: The language table, whose columns a split may name.
        where: What says which locales are wanted, for messages.

    Raises:
        ConfigError: An entry selects nothing.
    """
    problems = []

    def chosen(key: str, entries: list[str]) -> set[str]:
        chosen_locales: set[str] = set()
        for entry in entries:
            try:
                meant = table.select(entry, available)
            except KeyError:
                problems.append(
                    Problem(where, f"{key}: {entry!r}", "a column of the language table")
                )
                continue
            # What is taken away may be absent already, if it is a locale at all.
            if not meant and (key == "locales" or ("=" not in entry and entry not in table)):
                problems.append(_absent(f"{key}: {entry!r}", table.match(entry, available), where))
            chosen_locales.update(meant)
        return chosen_locales

    wanted = set(available) if split.locales == "all" else chosen("locales", split.locales)
    taken = chosen("without", split.without)
    if problems:
        raise ConfigError(f"the {where.partition(':')[0]} does not fit the data", problems)
    return tuple(locale for locale in available if locale in wanted - taken)


def named_locales(split: TaskSplit, known: Iterable[str], table: LanguageTable) -> tuple[str, ...]:
    """The locales of `known` that a split names, where the data that have them are not at hand.

    None where it means all that the data have; an entry that means none of `known` is passed over.

    Raises:
        ConfigError: An entry names no column of the language table.
    """
    if split.locales == "all":
        return ()
    candidates = tuple(known)
    try:
        named = {name for entry in split.locales for name in table.select(entry, candidates)}
        taken = {name for entry in split.without for name in table.select(entry, candidates)}
    except KeyError as error:
        problem = Problem("task", f"no column {error} in the language table")
        raise ConfigError("the task does not fit the language table", [problem]) from None
    return tuple(locale for locale in candidates if locale in named - taken)


def _absent(what: str, match: LocaleMatch, where: str = "task") -> Problem:
    return Problem(where, f"{what} is in no data here", todo=match.hint or _TODO)


def with_source_locale(task: Task, locales: Iterable[str], table: LanguageTable) -> Task:
    """The task, its source locale spelled as the data with these locales spell it.

    Raises:
        ConfigError: It is a locale neither of the data nor of the language table.
    """
    if task.source_locale is None:
        return task
    match = table.match(task.source_locale, locales)
    known = match if match.known else table.match(task.source_locale)
    if not known.known:
        problem = _absent(f"source_locale: {task.source_locale!r}", match)
        raise ConfigError("the task does not fit the data", [problem])
    return task.model_copy(update={"source_locale": known.locale})


def with_only_source(task: Task, trained: Sequence[str]) -> Task:
    """The task; where it is zero-shot and names no source locale, its only training locale is it.

    Args:
        task: The task.
        trained: The locales that it trains on.
    """
    if task.source_locale is None and task.setting in ZERO_SHOT_SETTINGS and len(trained) == 1:
        return task.model_copy(update={"source_locale": trained[0]})
    return task


def training_locales(
    task: Task, train: DataSplit, store: Store, table: LanguageTable
) -> tuple[str, ...]:
    """The locales that a task trains on: those of the data, or that it names where they lack them.

    Raises:
        ConfigError: An entry names no column of the language table.
    """
    return train.label_locales or named_locales(
        task.train, dict.fromkeys((*store.locales, *table.languages)), table
    )


def _with_labels_of(store: Store, train_store: Store) -> Store:
    """The store that is trained on, its labels numbered as those of the task's.

    Raises:
        ConfigError: It has labels that the task's data lack, which no system could be right with.
    """
    known, trained = store.inventory, train_store.inventory
    problems = [
        Problem(
            f"store {train_store.name}",
            f"{len(names)} {what} that {store.name} lacks: {', '.join(names[:10])}",
            f"labels of {store.name} alone",
            f"say in the task `inventory: [{train_store.name}, {store.name}]`, labels of both",
        )
        for what, names in (
            ("intents", sorted({*trained.intents} - {*known.intents})),
            ("slots", sorted({*trained.slots} - {*known.slots})),
        )
        if names
    ]
    if problems:
        raise ConfigError("the training data have labels that the task does not know", problems)
    # Files hold names; numbers come from the inventory that they are read with.
    return replace(train_store, inventory=known)


def _check_scheme(store: Store, declared: DeclaredInventory) -> None:
    """Refuses to count spans apart that the data may hold as one.

    Raises:
        ConfigError: The data say less of spans than is declared.
    """
    if declared.scheme == "brackets" and store.inventory.scheme == "runs":
        problem = Problem(
            f"store {store.name}",
            "the span scheme runs",
            f"brackets as of {declared.where}",
            f"import {store.name} again with --scheme brackets, or declare `scheme: runs`",
        )
        raise ConfigError("the task does not fit the data", [problem])


def _check_train_scheme(store: Store, train_store: Store) -> None:
    """Refuses to train on spans that may be merged for a task that counts them apart.

    Raises:
        ConfigError: The training data say less of spans than the task's.
    """
    if store.inventory.scheme == "brackets" and train_store.inventory.scheme == "runs":
        problem = Problem(
            f"store {train_store.name}",
            "the span scheme runs, where touching slots of one name are one",
            f"brackets, as {store.name}",
            f"import {train_store.name} again with --scheme brackets, or {store.name} with"
            " --scheme runs",
        )
        raise ConfigError("the training data say less of spans than the task counts", [problem])


def lay_task(task: Task, store: Store, train_store: Store | None = None) -> TaskData:
    """Lays a task on its data.

    Args:
        task: The task.
        store: What is selected on and scored.
        train_store: What is trained on, where that is another store, and selected on, where `store`
            lacks the partition for that.

    Raises:
        ConfigError: The task's locales or its inventory do not fit the data.
        MissingDataError: What declares its inventory is not found.
    """
    table = task_languages(task)
    task = with_source_locale(task, store.locales, table)
    declared = declared_inventory(task.inventory) if task.inventory else None
    as_imported = [held.inventory for held in (store, train_store) if held is not None]
    if declared is not None:
        _check_scheme(store, declared)
        store = replace(store, inventory=declared.of_corpus(store.inventory))
    if train_store is not None:
        _check_train_scheme(store, train_store)
        known = _with_labels_of(store, train_store) if declared is None else train_store
        train_store = replace(known, inventory=store.inventory)

    def split_of(split: TaskSplit, source: Store) -> DataSplit:
        available = tuple(
            locale for locale in source.locales if split.partition in source.parts[locale]
        )
        if not available:
            # A store may lack a partition that this command does not need (held-out data have no
            # train).
            return DataSplit(source, split.partition, ())
        return DataSplit(source, split.partition, select_locales(split, available, table))

    def training(source: Store) -> DataSplit:
        # Rows that were made of a training locale's have its labels, in whatever language.
        selected = split_of(task.train, source)
        made = [
            locale
            for locale, of in source.labels_from.items()
            if of in selected.locales and selected.partition in source.parts.get(locale, {})
        ]
        return selected.only(*dict.fromkeys((*selected.locales, *made)))

    # Stores of one corpus may be imported apart: train and dev here, test there.
    dev_store = store
    if train_store is not None and task.dev.partition not in store.partitions:
        dev_store = train_store
    train, dev = training(train_store or store), split_of(task.dev, dev_store)
    test = split_of(task.test, store)
    if task.test.ids is not None:
        subset = Subset(test.partition, read_ids(Path(task.test.ids)))
        seen = with_subset(store, subset, test.locales, f"task {task.name}, {task.test.ids}")
        test = replace(test, store=seen)
    task = with_only_source(task, training_locales(task, train, store, table))
    task_data = TaskData(task, table, train, dev, test)
    if declared is not None and any(map(declared.lacks, as_imported)):
        splits = (task_data.train, task_data.dev, task_data.test)
        check_labels(splits, store.inventory, declared.where)
    return task_data
