"""Prepares the majority system: it counts, and there is nothing to fit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from massive_kit.data.inventory import Inventory, write_inventory
from massive_kit.data.task_data import TaskData
from massive_kit.files.atomic import atomic_folder
from massive_kit.systems.kind import Facts, Preparation
from massive_kit.systems.majority.counting import Majority
from massive_kit.systems.majority.recipe import MajorityRecipe


def prepare(recipe: MajorityRecipe, task_data: TaskData, session: None) -> Preparation:
    """Finds the most frequent intent of the training rows."""
    del recipe, session
    table = task_data.train.read(["intent"])
    majority = Majority.fit(table.column("intent").to_pylist())
    return Preparation(None, _Saving(majority, task_data.store.inventory, len(table)))


@dataclass(frozen=True, slots=True)
class _Saving:
    """Saves the intent."""

    majority: Majority
    inventory: Inventory
    train_rows: int

    def __call__(self, model: None, folder: Path) -> Facts:
        del model
        with atomic_folder(folder) as new_folder:
            self.majority.save(new_folder)
            write_inventory(new_folder, self.inventory)
        return {
            "intent": self.majority.intent,
            "share": self.majority.share,
            "train_rows": self.train_rows,
        }
