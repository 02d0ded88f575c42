"""What a task may not name together."""

from __future__ import annotations

from typing import Any

import pytest

from massive_kit.errors import ConfigError
from massive_kit.schema.config import check
from massive_kit.schema.task import Task

SPLITS: dict[str, Any] = {
    "train": {"partition": "train", "locales": ["en-US"]},
    "dev": {"partition": "dev", "locales": ["en-US"]},
    "test": {"partition": "test", "locales": "all", "without": ["en-US"]},
}


def _task(setting: str = "zero-shot-strict", **changes: Any) -> Task:
    values = {"name": "mine", "title": "Mine", "setting": setting, "data": ["mine"]}
    splits = {name: SPLITS[name] | changes.get(name, {}) for name in SPLITS}
    return check(Task, values | splits, "mine.yaml")


@pytest.mark.parametrize(
    "changes",
    [
        {"train": {"partition": "test", "locales": "all"}, "test": {"without": []}},
        {"train": {"partition": "test", "locales": ["de-DE"]}},
        {"train": {"partition": "test"}, "test": {"locales": ["en-US", "de-DE"], "without": []}},
    ],
)
def test_what_is_scored_is_not_trained_on(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="scored rows would be trained on"):
        _task("zero-shot", **changes)


def test_a_partition_may_be_scored_in_other_locales_than_it_is_trained_on_in() -> None:
    assert _task(train={"partition": "test"}).train.partition == "test"
    by_column = {"locales": ["genus=Germanic"], "without": []}
    assert _task(train={"partition": "test"}, test=by_column).test.locales == ["genus=Germanic"]


@pytest.mark.parametrize("locales", ["all", ["en-US", "de-DE"]])
def test_strict_selects_on_the_languages_that_it_trains_on(locales: Any) -> None:
    with pytest.raises(ConfigError, match="selects checkpoints on the languages"):
        _task(dev={"locales": locales})
    assert _task("zero-shot", dev={"locales": locales}).dev.locales == locales


def test_strict_may_score_dev() -> None:
    assert _task(test={"partition": "dev"}).test.partition == "dev"
