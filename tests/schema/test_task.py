"""What a task may not name together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from massive_kit.errors import ConfigError
from massive_kit.schema.task import Task, load_task

SPLITS: dict[str, Any] = {
    "train": {"partition": "train", "locales": ["en-US"]},
    "dev": {"partition": "dev", "locales": ["en-US"]},
    "test": {"partition": "test", "locales": "all", "without": ["en-US"]},
}


def _task(folder: Path, setting: str = "zero-shot-strict", **changes: Any) -> Task:
    values = {"name": "mine", "title": "Mine", "setting": setting, "data": ["mine"]}
    splits = {name: SPLITS[name] | changes.get(name, {}) for name in SPLITS}
    (folder / "mine.yaml").write_text(yaml.safe_dump(values | splits))
    return load_task(str(folder / "mine.yaml"))


@pytest.mark.parametrize(
    "changes",
    [
        {"train": {"partition": "test", "locales": "all"}, "test": {"without": []}},
        {"train": {"partition": "test", "locales": ["de-DE"]}},
        {"train": {"partition": "test"}, "test": {"locales": ["en-US", "de-DE"], "without": []}},
    ],
)
def test_what_is_scored_is_not_trained_on(changes: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="trains on what it scores"):
        _task(tmp_path, "zero-shot", **changes)


def test_a_partition_may_be_scored_in_other_locales_than_it_is_trained_on_in(
    tmp_path: Path,
) -> None:
    assert _task(tmp_path, train={"partition": "test"}).train.partition == "test"
    by_column = {"locales": ["genus=Germanic"], "without": []}
    assert _task(tmp_path, train={"partition": "test"}, test=by_column).test.locales == [
        "genus=Germanic"
    ]


@pytest.mark.parametrize("locales", ["all", ["en-US", "de-DE"]])
def test_strict_selects_on_the_languages_that_it_trains_on(locales: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="selects checkpoints on the languages"):
        _task(tmp_path, dev={"locales": locales})
    assert _task(tmp_path, "zero-shot", dev={"locales": locales}).dev.locales == locales


def test_strict_may_score_dev(tmp_path: Path) -> None:
    assert _task(tmp_path, test={"partition": "dev"}).test.partition == "dev"
