"""A task laid on two stores: labels have one numbering, whatever store they come from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from massive_kit.data.intake.importing import import_data
from massive_kit.data.inventory import Inventory
from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.errors import ConfigError
from massive_kit.schema.task import load_task

LINE = (
    '{{"id": "{id}", "locale": "en-US", "partition": "train", "intent": "{intent}",'
    ' "utt": "wake me at five", "annot_utt": "wake me at [{slot} : five]"}}\n'
)


def store_of(folder: Path, *labels: tuple[str, str]) -> Store:
    lines = [LINE.format(id=i, intent=name, slot=slot) for i, (name, slot) in enumerate(labels)]
    (folder / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    return import_data(folder / "rows.jsonl", folder / "store", name="own")


def test_training_labels_are_numbered_as_the_tasks_own(demo_store: Store, tmp_path: Path) -> None:
    store = store_of(tmp_path, ("play_music", "time"), ("alarm_set", "date"))
    few = Inventory.of([("play_music", None), ("alarm_set", None)], ["time", "date"])
    own = replace(store, inventory=few)
    task_data = lay_task(load_task("demo-zeroshot"), demo_store, own)
    labels = task_data.train.labels()
    inventory = demo_store.inventory
    assert [inventory.intents[i] for i in labels.intents] == ["play_music", "alarm_set"]
    assert inventory.labels[labels.labels[3]] == "time"
    assert task_data.train.store.inventory == inventory


def test_training_labels_that_the_task_lacks_are_refused(demo_store: Store, tmp_path: Path) -> None:
    store = store_of(tmp_path, ("zz_mine", "time"), ("alarm_set", "shelf"))
    with pytest.raises(ConfigError, match="labels that the task does not know") as caught:
        lay_task(load_task("demo-zeroshot"), demo_store, store)
    text = str(caught.value)
    assert "1 intents that demo lacks: zz_mine" in text
    assert "1 slots that demo lacks: shelf" in text
