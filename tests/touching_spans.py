"""A corpus whose touching spans of one slot are two, with names that only look like notation."""

from __future__ import annotations

import pytest

from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.schema.task import Task
from tests.data.inspect.small_store import store_of

TEXTS = [
    ("1", "train", "play [song : a] [song : b]", "IN:PLAY"),
    ("2", "train", "play [song : c d]", "IN:PLAY"),
    ("3", "train", "wake me [SL:DATE_TIME : at five] [date time : today]", "IN:CREATE/ALARM"),
    ("4", "train", r"[time.start : five] [time.start : six] \[ noise \]", "IN:CREATE/ALARM"),
    ("5", "train", "stop it", "IN:STOP"),
    ("6", "dev", "play [song : b] [song : a]", "IN:PLAY"),
    ("7", "test", "play [song : b] [song : c d] now", "IN:PLAY"),
    ("8", "test", r"wake me \[ [date time : today] [date time : now]", "IN:CREATE/ALARM"),
]


@pytest.fixture(scope="session")
def touching_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The corpus as a store."""
    return store_of(tmp_path_factory.mktemp("touching") / "x", TEXTS)


@pytest.fixture(scope="session")
def touching_task(touching_store: Store) -> TaskData:
    """A task on it."""
    values = {"name": "touching", "title": "Touching", "setting": "full", "data": ["x"]}
    parts = {name: {"partition": name} for name in ("train", "dev", "test")}
    return lay_task(Task.model_validate(values | parts), touching_store)
