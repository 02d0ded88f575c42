"""A task laid on two stores: labels have one numbering, whatever store they come from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from massive_kit.data.intake.importing import import_data
from massive_kit.data.inventory import Inventory
from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.errors import ConfigError
from massive_kit.schema.task import Task, load_task

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


def task_of(**changes: Any) -> Task:
    values = load_task("demo-zeroshot").model_dump()
    return Task.model_validate({**values, **changes})


def test_locales_of_a_task_are_read_in_any_spelling(demo_store: Store) -> None:
    task = task_of(
        train={"partition": "train", "locales": ["EN_us"]},
        test={"partition": "test", "locales": ["pt_PT", "ja", "zh-Hant"]},
        source_locale="eng",
    )
    task_data = lay_task(task, demo_store)
    assert task_data.train.locales == ("en-US",)
    assert task_data.test.locales == ("ja-JP", "pt-PT", "zh-TW")
    assert task_data.task.source_locale == "en-US"
    without = task_of(test={"partition": "test", "without": ["en", "pt_PT"]})
    tested = lay_task(without, demo_store).test.locales
    assert {*demo_store.locales} - {*tested} == {"en-US", "pt-PT"}


def test_all_locales_that_a_task_cannot_mean_are_told(demo_store: Store) -> None:
    locales = {"locales": ["zh", "jp", "genus=Nothing"], "without": ["en-UK", "nothing=x", "gsw"]}
    with pytest.raises(ConfigError) as caught:
        lay_task(task_of(test={"partition": "test", **locales}), demo_store)
    todo = "check the locale code, or --data"
    assert str(caught.value).splitlines() == [
        "the task does not fit the data",
        "  task: locales: 'zh' is in no data here (did you mean 'zh-CN' or 'zh-TW'?)",
        "  task: locales: 'jp' is in no data here (did you mean 'ja-JP'?)",
        f"  task: locales: 'genus=Nothing' is in no data here ({todo})",
        "  task: without: 'en-UK' is in no data here (did you mean 'en-US'?)",
        "  task: without: 'nothing=x'; expected a column of the language table",
        f"  task: without: 'gsw' is in no data here ({todo})",
    ]


def test_what_a_task_takes_away_may_be_absent_already(demo_store: Store) -> None:
    store = replace(demo_store, parts={"de-DE": demo_store.parts["de-DE"]})
    test = {"partition": "test", "without": ["en", "zh_CN"]}
    everything = {name: {"partition": name} for name in ("train", "dev")}
    assert lay_task(task_of(test=test, **everything), store).test.locales == ("de-DE",)


def test_a_source_locale_that_is_none_is_told(demo_store: Store) -> None:
    with pytest.raises(ConfigError, match=r"source_locale: 'jp' is in .* mean 'ja-JP'\?\)"):
        lay_task(task_of(source_locale="jp"), demo_store)


def test_norway_in_yaml_is_told() -> None:
    with pytest.raises(ValidationError, match="YAML reads no as false; write nb-NO"):
        task_of(test={"partition": "test", "locales": [False, "sv-SE"]})
