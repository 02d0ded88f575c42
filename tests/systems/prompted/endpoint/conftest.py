"""Tasks that are quickly asked about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.schema.task import Task


@pytest.fixture(scope="session")
def small(few: TaskData) -> TaskData:
    """English alone."""
    return replace(few, test=few.test.only("en-US"))


@pytest.fixture(scope="session")
def tiny(few: TaskData, tmp_path_factory: pytest.TempPathFactory) -> TaskData:
    """Six rows of English, where what matters comes with the first ones."""
    ids = tmp_path_factory.mktemp("tiny") / "ids.txt"
    ids.write_text("\n".join(few.test.read(["id"]).column("id").to_pylist()[:6]))
    values = few.task.model_dump(exclude_none=True)
    values["test"] = {"partition": "test", "locales": ["en-US"], "ids": str(ids)}
    return lay_task(Task.model_validate(values), few.store)
