"""Stands in for the runs that a recipe learns from, where nothing is to be learnt yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow.compute import list_value_length

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_distributions import LabelDistributions, joined
from massive_kit.data.ragged import offsets_of
from massive_kit.data.task_data import TaskData
from massive_kit.data.word_states import StatesAsked, WordStates
from massive_kit.runs.taught_cache import TaughtCache
from massive_kit.runs.teaching import states_by_run, teacher_paths
from massive_kit.schema.recipe import Recipe


@dataclass(frozen=True, slots=True)
class TextsToAsk:
    """What a run will be asked for.

    Attributes:
        run: Its directory.
        texts: How many texts.
        kept: Those of them whose answers are in the cache.
    """

    run: Path
    texts: int
    kept: int

    @property
    def missing(self) -> int:
        """The texts that it will read."""
        return self.texts - self.kept


@dataclass(frozen=True, slots=True)
class UnaskedTeacher:
    """Finished runs that are not asked: in the place of what they say stands as much as they say.

    Attributes:
        paths: The run directories.
        inventory: The labels that they know.
        asked: What they would have been asked for.
    """

    paths: tuple[Path, ...]
    inventory: Inventory
    asked: list[TextsToAsk] = field(default_factory=list)

    @classmethod
    def of(cls, recipe: Recipe, task_data: TaskData) -> UnaskedTeacher | None:
        """Those that a recipe learns from; `None` where there is none."""
        paths = teacher_paths(recipe)
        return cls(paths, task_data.store.inventory) if paths else None

    def distributions(
        self, rows: Iterable[tuple[str, pa.Table]], asked: StatesAsked | None = None
    ) -> LabelDistributions:
        """Every label as likely as any other, and hidden states that are 0.

        Args:
            rows: Locales, each with its rows.
            asked: Which hidden states of the first run are wanted as well.

        Raises:
            ConfigError: It has no such states.
        """
        tables = list(rows)
        texts = sum(len(table) for _, table in tables)
        # As many as there will be, since memory is measured.
        outputs = []
        for path, states in states_by_run(self.paths, asked):
            cache = TaughtCache.of(path, states)
            kept = sum(len(table) for locale, table in tables if cache.holds(locale, table))
            self.asked.append(TextsToAsk(path, texts, kept))
            outputs.append(joined([self._stand_in(table, states) for _, table in tables]))
        return outputs[0]

    def _stand_in(self, table: pa.Table, asked: StatesAsked | None) -> LabelDistributions:
        offsets = offsets_of(list_value_length(table["tokens"]).to_numpy())
        count = int(offsets[-1])
        states = None
        if asked is not None:
            # In files, they take no memory until they are read.
            shape = (count, len(asked.layers), asked.width)
            states = WordStates((np.broadcast_to(np.float16(0), shape),))
        return LabelDistributions(
            _uniform(len(table), len(self.inventory.intents)),
            _uniform(count, len(self.inventory.labels)),
            offsets,
            np.ones(count, np.bool_),
            states,
        )


def _uniform(rows: int, names: int) -> NDArray[np.float16]:
    return np.full((rows, names), -np.log(max(names, 1)), np.float16)
