"""A task that scores a part of the demo corpus: every fifth id of test, in every locale."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.store import Store
from massive_kit.data.subset import ids_text
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.schema.task import load_task

TASK = """\
name: demo-lite
title: A part of the demo corpus
setting: in-context
data: [demo]
source_locale: en-US
train: {partition: train}
dev: {partition: dev, locales: [en-US]}
test: {partition: test, locales: [en-US, ja-JP, km-KH], ids: some-ids.txt}
allow: [target-labels]
"""


@pytest.fixture(scope="session")
def lite_task(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the task, with the list of ids beside it."""
    folder = tmp_path_factory.mktemp("lite")
    ids = demo_store.read("test", ["en-US"], ["id"]).column("id").to_pylist()[::5]
    (folder / "some-ids.txt").write_text(ids_text(reversed(ids), "every fifth"), encoding="utf-8")
    path = folder / "demo-lite.yaml"
    path.write_text(TASK, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def lite_data(lite_task: Path, demo_store: Store) -> TaskData:
    """The task on the demo corpus."""
    return lay_task(load_task(str(lite_task)), demo_store)
