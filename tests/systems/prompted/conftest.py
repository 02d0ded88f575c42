"""A corpus of a few rows, a model that knows its answers, and a key."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import orjson
import pytest

from massive_kit.data.demo.corpus import rows
from massive_kit.data.intake.importing import import_data
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.schema.task import Task
from massive_kit.systems.prompted.drawing import read_demonstrations
from tests.systems.prompted.endpoint_runs import KEY, Answering, asked_text
from tests.systems.prompted.scripted_server import Reply, completion

_ROWS = {"train": 90, "dev": 4, "test": 24}


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> TaskData:
    """English and Japanese, 24 rows of each to predict."""
    folder = tmp_path_factory.mktemp("few")
    (folder / "raw").mkdir()
    for locale in ("en-US", "ja-JP"):
        every = [*rows(locale)]
        chosen = [
            row
            for partition, count in _ROWS.items()
            for row in islice((row for row in every if row["partition"] == partition), count)
        ]
        lines = b"".join(orjson.dumps(row) + b"\n" for row in chosen)
        (folder / "raw" / f"{locale}.jsonl").write_bytes(lines)
    store = import_data(folder / "raw", folder / "store", name="few", version="few")
    values = {"name": "few", "title": "Few", "setting": "full", "data": ["few"]}
    parts = {name: {"partition": name} for name in _ROWS}
    return lay_task(Task.model_validate(values | parts | {"source_locale": "en-US"}), store)


@pytest.fixture(scope="session")
def right_answers(few: TaskData) -> Answering:
    """What a model says that is always right."""
    known = {}
    for split in few.test.by_locale():
        for row in read_demonstrations(split, None):
            slots = [{"slot": slot, "value": value} for slot, value in row.values]
            known[row.text] = {"intent": row.intent, "slots": slots}

    def answer(_: int, body: dict[str, Any]) -> Reply:
        value = known[asked_text(body)]
        if "\nIntent: " in body["messages"][-1]["content"]:
            value = {"slots": value["slots"]}
        return completion(json.dumps(value))

    return answer


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
