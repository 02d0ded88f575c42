"""A zero-shot task on two languages of the demo corpus."""

from __future__ import annotations

from dataclasses import replace

from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.schema.task import load_task


def laid(store: Store, *allowed: str) -> TaskData:
    """The task on a store, with the resources that it allows."""
    changes = {"allow": [*allowed]}
    data = lay_task(load_task("massive-zeroshot-strict").model_copy(update=changes), store)
    return replace(data, test=data.test.only("de-DE", "sw-KE"))
