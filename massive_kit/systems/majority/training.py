"""Trains the majority system: it counts."""

from __future__ import annotations

from typing import Any

from massive_kit.data.inventory import write_inventory
from massive_kit.data.task_data import TaskData
from massive_kit.files.atomic import atomic_folder
from massive_kit.runs.folder import RunFolder
from massive_kit.systems.majority.counting import Majority


def train_majority(task_data: TaskData, folder: RunFolder) -> dict[str, Any]:
    """Finds the most frequent intent of the training rows and saves it."""
    table = task_data.train.read(["intent"])
    majority = Majority.fit(table.column("intent").to_pylist())
    with atomic_folder(folder.model) as new:
        majority.save(new)
        write_inventory(new, task_data.store.inventory)
    return {"intent": majority.intent, "share": majority.share, "train_rows": len(table)}
