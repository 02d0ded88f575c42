"""A corpus of which one language says how its slots came from the source language."""

from __future__ import annotations

import json
from pathlib import Path

from massive_kit.data.demo.corpus import rows
from massive_kit.data.intake.importing import import_data
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.schema.task import load_task

WAYS = ("translation", "localization", "unchanged", "unchanged_localization")


def told_task(folder: Path, name: str = "demo-full") -> TaskData:
    """German and Swahili of the demo corpus; German rows say `slot_method`.

    Args:
        folder: Where the rows and the store go.
        name: What the task is called.
    """
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as stream:
        for locale in ("en-US", "de-DE", "sw-KE"):
            for place, row in enumerate(rows(locale)):
                value: dict[str, object] = dict(row)
                if locale == "de-DE":
                    slots = str(row["annot_utt"]).count("[")
                    value["slot_method"] = [{"slot": "x", "method": WAYS[place % 4]}] * slots
                stream.write(json.dumps(value) + "\n")
    store = import_data(folder / "rows.jsonl", folder / "store", name="told")
    task = load_task("demo-full")
    test = task.test.model_copy(update={"locales": ["de-DE", "sw-KE"]})
    return lay_task(task.model_copy(update={"test": test, "name": name}), store)
