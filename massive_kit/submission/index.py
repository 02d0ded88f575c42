"""The public part of a task: which rows it has and how many tokens each; no text, no label.

It is enough to check predictions. For the MASSIVE tasks it comes with the package, so that a
submitter needs no data set; for any other task it is taken from the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.ragged import rows_of_lengths
from massive_kit.data.subset import read_ids
from massive_kit.data.subset_store import unscored_ids
from massive_kit.errors import ConfigError, Problem
from massive_kit.files.npz import read_arrays
from massive_kit.languages import LanguageTable
from massive_kit.submission.untested_locales import UntestedLocales

if TYPE_CHECKING:
    from massive_kit.data.store import Store
    from massive_kit.data.task_data import TaskData
    from massive_kit.schema.task import Task

# Written by `massive_kit.submission.shipped_index`.
SHIPPED = Path(__file__).with_name("indexes") / "massive-1.1.npz"
# The data sets of the shipped file. The locales of 1.0 are unchanged in 1.1.
_SHIPPED_DATA = ("1.1", "1.0")
SHIPPED_PARTITION = "test"


@dataclass(frozen=True)
class TaskIndex:
    """The rows of a task's test split, locale after locale in the store's order.

    Attributes:
        task: Name of the task.
        setting: Its setting, such as `zero-shot`.
        partition: The partition that is scored.
        locales: The locales, in row order.
        locale: Shape (n,), position in `locales`.
        ids: Shape (n,), utterance ids as strings.
        token_counts: Shape (n,), tokens per utterance.
        character_locales: Locales whose scoring unit is the character.
        inventory: The labels that may be predicted.
        languages: The language table, to distinguish a misspelt locale from another task's.
        train_locales: What a system may be trained on.
        other_ids: The ids of the task's other partitions, to recognise predictions for those.
        unscored_ids: Where a part of the partition is scored, the ids of the rest of it.
        texts: Shape (n,), the tokens joined by spaces; `None` where no data set is at hand.
        training: The annotated utterances of a locale's training split; `None` as for `texts`.
        untested: Training locales that are not scored, and that a file may hold nevertheless;
            `None` where it may not.
    """

    task: str
    setting: str
    partition: str
    locales: tuple[str, ...]
    locale: NDArray[np.int16]
    ids: NDArray[Any]
    token_counts: NDArray[np.int32]
    character_locales: frozenset[str]
    inventory: Inventory
    languages: LanguageTable
    train_locales: tuple[str, ...] = ()
    other_ids: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unscored_ids: frozenset[str] = frozenset()
    texts: list[str] | None = None
    training: Callable[[str], list[str]] | None = None
    untested: UntestedLocales | None = field(default=None, compare=False)

    def __len__(self) -> int:
        """The number of utterances."""
        return len(self.ids)

    @cached_property
    def labels_are_final(self) -> bool:
        """Whether the labels are those of MASSIVE, so that nobody has to declare others."""
        massive = Inventory.massive()
        return (self.inventory.intents, self.inventory.slots) == (massive.intents, massive.slots)

    @property
    def tested(self) -> tuple[str, ...]:
        """The locales that are scored: all, but for those that `with_untested` added."""
        untested = self.untested.locales if self.untested else ()
        return tuple(locale for locale in self.locales if locale not in untested)

    @property
    def most_rows(self) -> int:
        """About how many rows a file may hold, those of untested locales among them."""
        untested = len(self.untested.locales) if self.untested else 0
        return len(self) + untested * int(self.rows_by_locale.max(initial=0))

    @cached_property
    def rows(self) -> dict[str, dict[str, int]]:
        """The row of each id, by locale."""
        rows = {}
        start = 0
        for locale, count in zip(self.locales, self.rows_by_locale.tolist(), strict=True):
            ids = self.ids[start : start + count].tolist()
            rows[locale] = dict(zip(ids, range(start, start + count), strict=True))
            start += count
        return rows

    @cached_property
    def rows_by_locale(self) -> NDArray[np.int64]:
        """Shape (locales,), utterances per locale."""
        return np.bincount(self.locale, minlength=len(self.locales))

    def with_untested(self) -> TaskIndex:
        """The same with the rows of the untested locales after its own."""
        if self.untested is None:
            return self
        more = self.untested.index()
        return replace(
            self,
            locales=(*self.locales, *more.locales),
            locale=np.concatenate([self.locale, more.locale + np.int16(len(self.locales))]),
            ids=np.concatenate([self.ids, more.ids]),
            token_counts=np.concatenate([self.token_counts, more.token_counts]),
            character_locales=self.character_locales | more.character_locales,
            texts=None if self.texts is None else [*self.texts, *(more.texts or ())],
        )

    @classmethod
    def of(cls, task_data: TaskData, *, with_texts: bool = False) -> TaskIndex:
        """The index of a task on a store; `with_texts` also reads the tokens, for more warnings.

        Raises:
            MissingDataError: The store lacks a locale or the partition.
        """
        store, test = task_data.store, task_data.test
        table = test.read(["id", "tokens"]).combine_chunks()
        counts = [split.rows for split in test.by_locale()]
        texts = None
        if len(table):
            tokens = table.column("tokens").chunk(0)
            lengths = np.diff(tokens.offsets.to_numpy()).astype(np.int32)
            if with_texts:
                import pyarrow.compute as pc

                texts = pc.binary_join(tokens, " ").to_pylist()
        else:
            lengths = np.zeros(0, np.int32)
        return cls(
            task=task_data.task.name,
            setting=task_data.task.setting,
            partition=test.partition,
            locales=test.locales,
            locale=rows_of_lengths(counts, np.int16),
            ids=table.column("id").to_numpy(),
            token_counts=lengths,
            character_locales=store.character_locales & frozenset(test.locales),
            inventory=store.inventory,
            languages=task_data.languages,
            train_locales=task_data.train.label_locales,
            other_ids=_other_ids(task_data),
            unscored_ids=unscored_ids(test),
            texts=texts,
            training=_training(task_data) if with_texts else None,
            untested=untested_locales(task_data, with_texts=with_texts),
        )

    @classmethod
    def at_hand(cls, task: Task, data: str | Store | None = None) -> TaskIndex:
        """The index from the data set that `data` names, else from the package, else from a store.

        Only an index from a data set knows the texts.

        Raises:
            MissingDataError: The data set is not found; the message names the command that gets it.
        """
        shipped = cls.shipped_for(task) if data is None else None
        if shipped is not None:
            return shipped
        from massive_kit.data.opening import open_task

        return cls.of(open_task(task, data), with_texts=True)

    @classmethod
    def shipped(cls, name: str) -> TaskIndex | None:
        """The index of a MASSIVE task from the package, or `None` for a task on other data.

        Raises:
            MissingDataError: There is no task of that name.
            ConfigError: The task is wrong.
        """
        from massive_kit.schema.task import load_task

        return cls.shipped_for(load_task(name))

    @classmethod
    def shipped_for(cls, task: Task) -> TaskIndex | None:
        """As `shipped`, for a task that is read already.

        Raises:
            ConfigError: The task names ids that MASSIVE lacks.
        """
        from massive_kit.data.task_data import (
            select_locales,
            task_languages,
            with_only_source,
            with_source_locale,
        )

        if task.test.partition != SHIPPED_PARTITION or task.data[0] not in _SHIPPED_DATA:
            return None
        inventory = Inventory.massive()
        if task.inventory is not None:
            from massive_kit.data.declared_inventory import declared_inventory

            declared = declared_inventory(task.inventory)
            if declared.lacks(inventory):
                # Whether the rows have the labels that it lacks, only the data say.
                return None
            inventory = declared.of_corpus(inventory)
        arrays = read_arrays(SHIPPED)
        available = tuple(arrays["locales"].tolist())
        table = task_languages(task)
        task = with_source_locale(task, available, table)
        locales = select_locales(task.test, available, table)
        index = cls._of_shipped(task, arrays, locales, table, inventory)
        train = select_locales(task.train, available, table)
        untested = _untested(
            with_only_source(task, train),
            locales,
            train,
            lambda names: cls._of_shipped(
                task, arrays, tuple(n for n in names if n in available), table, inventory
            ),
        )
        return replace(index, train_locales=train, untested=untested)

    @classmethod
    def _of_shipped(
        cls,
        task: Task,
        arrays: Mapping[str, NDArray[Any]],
        locales: tuple[str, ...],
        table: LanguageTable,
        inventory: Inventory,
    ) -> TaskIndex:
        available = arrays["locales"].tolist()
        every_id = arrays["ids"].astype(str).astype(object)
        scored = _scored(task, every_id)
        ids, counts = every_id[scored], arrays["token_counts"][:, scored]
        others = {
            name.removeprefix("ids_"): frozenset(other_ids.astype(str).tolist())
            for name, other_ids in arrays.items()
            if name.startswith("ids_")
        }
        chosen = counts[[available.index(locale) for locale in locales]]
        characters = frozenset(locale for locale in locales if table[locale].character_scored)
        return cls(
            task=task.name,
            setting=task.setting,
            partition=task.test.partition,
            locales=locales,
            locale=rows_of_lengths([len(ids)] * len(locales), np.int16),
            ids=np.tile(ids, len(locales)),
            token_counts=chosen.reshape(-1).astype(np.int32),
            character_locales=characters,
            inventory=inventory,
            languages=table,
            other_ids=others,
            unscored_ids=frozenset(every_id[~scored].tolist()),
        )


def _scored(task: Task, ids: NDArray[Any]) -> NDArray[np.bool_]:
    """Which ids of the shipped partition a task scores."""
    if task.test.ids is None:
        return np.ones(len(ids), bool)
    wanted = read_ids(Path(task.test.ids))
    if missing := sorted(wanted - {*ids}):
        words = f"{len(missing):,} ids that MASSIVE lacks: {', '.join(missing[:5])}"
        problem = Problem(task.test.ids, words, f"ids of {SHIPPED_PARTITION}")
        raise ConfigError("the task does not fit the data", [problem])
    return np.array([identity in wanted for identity in ids], bool)


def untested_locales(task_data: TaskData, *, with_texts: bool = False) -> UntestedLocales | None:
    """The training locales that a task does not test; `None` where it tests all of them."""
    from massive_kit.data.task_data import training_locales

    store, test = task_data.store, task_data.test

    def index(locales: tuple[str, ...]) -> TaskIndex:
        held = [name for name in locales if test.partition in store.parts.get(name, ())]
        return TaskIndex.of(replace(task_data, test=test.only(*held)), with_texts=with_texts)

    trained = training_locales(task_data.task, task_data.train, store, task_data.languages)
    return _untested(task_data.task, test.locales, trained, index)


def _untested(
    task: Task,
    tested: tuple[str, ...],
    trained: tuple[str, ...],
    index: Callable[[tuple[str, ...]], TaskIndex],
) -> UntestedLocales | None:
    sources = (task.source_locale,) if task.source_locale else ()
    locales = tuple(name for name in dict.fromkeys((*sources, *trained)) if name not in tested)
    if not locales:
        return None
    return UntestedLocales(locales, task.source_locale, lambda: index(locales))


def _other_ids(task_data: TaskData) -> dict[str, frozenset[str]]:
    # One locale is enough: ids are shared in parallel data, and this only helps a message.
    ids = {}
    for split in (task_data.train, task_data.dev):
        if split.locales and split.partition != task_data.test.partition:
            table = split.only(split.locales[0]).read(["id"])
            ids[split.partition] = frozenset(table.column("id").to_pylist())
    return ids


def _training(task_data: TaskData) -> Callable[[str], list[str]]:
    def annotated(locale: str) -> list[str]:
        train = task_data.train
        if train.partition not in train.store.parts.get(locale, ()):
            return []
        column = train.only(locale).read(["annot_utt"]).column("annot_utt")
        return [text for text in column.to_pylist() if text]

    return annotated
