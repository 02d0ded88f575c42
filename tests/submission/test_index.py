"""The shipped index says what the data say, and is small."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import massive_kit.submission
from massive_kit.data.store import Store
from massive_kit.data.subset import read_ids
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.errors import ConfigError, PredictionError
from massive_kit.schema.task import load_task
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import read_predictions

MASSIVE = ("massive-full", "massive-zeroshot", "massive-zeroshot-strict", "massive-zeroshot-open")


@pytest.mark.parametrize("name", MASSIVE)
def test_massive_tasks_need_no_data_set(name: str) -> None:
    index = TaskIndex.shipped(name)
    assert index is not None
    locales = 51 if name == "massive-full" else 50
    assert len(index.locales) == locales
    assert len(index) == locales * 2974
    assert ("en-US" in index.locales) == (name == "massive-full")
    assert index.character_locales == {"ja-JP", "zh-CN", "zh-TW"}
    assert index.rows["de-DE"]["0"] == index.locales.index("de-DE") * 2974


def test_a_task_may_spell_its_locales_in_any_way() -> None:
    task = load_task("massive-zeroshot")
    spelled = {
        "train": task.train.model_copy(update={"locales": ["eng"]}),
        "test": task.test.model_copy(update={"without": ["en", "iw_IL"]}),
        "source_locale": "EN_us",
    }
    index = TaskIndex.shipped_for(task.model_copy(update=spelled))
    assert index is not None
    assert not {"en-US", "he-IL"} & {*index.locales}
    assert index.train_locales == ("en-US",)
    assert index.untested is not None
    assert (index.untested.locales, index.untested.source) == (("en-US",), "en-US")


def test_a_task_that_scores_a_part_needs_no_data_set_either(tmp_path: Path) -> None:
    index = TaskIndex.shipped("massive-lite-200")
    whole = TaskIndex.shipped("massive-full")
    assert index is not None
    assert whole is not None
    assert index.locales == whole.locales
    assert index.rows_by_locale.tolist() == [200] * 51
    assert len(index.unscored_ids) == 2974 - 200
    for locale in ("am-ET", "ja-JP"):
        for identity, row in index.rows[locale].items():
            assert index.token_counts[row] == whole.token_counts[whole.rows[locale][identity]]
    task = load_task("massive-lite-200")
    ids = Path(str(task.test.ids))
    assert {*index.rows["am-ET"]} == read_ids(ids)
    other = tmp_path / "ids.txt"
    other.write_text("0\n99999\n")
    beside = task.model_copy(update={"test": task.test.model_copy(update={"ids": str(other)})})
    with pytest.raises(ConfigError, match="1 ids that MASSIVE lacks: 99999"):
        TaskIndex.shipped_for(beside)


def test_rows_that_a_task_leaves_out_are_told_as_such(
    lite_data: TaskData, demo_store: Store, tmp_path: Path
) -> None:
    index = TaskIndex.of(lite_data)
    gold = lite_data.test.labels()
    assert (index.ids == gold.ids).all()
    file = tmp_path / "p.jsonl"
    rows = demo_store.read("test", ["ja-JP"], ["id", "intent", "annot_utt"]).to_pylist()
    lines = [
        {
            "id": row["id"],
            "locale": "ja-JP",
            "pred_intent": row["intent"],
            "pred_annot_utt": row["annot_utt"],
        }
        for row in rows
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    with pytest.raises(PredictionError) as caught:
        read_predictions([file], index)
    assert "is not among the 32 that demo-lite scores" in str(caught.value)
    assert "leave out the other rows, or name the task that scores all of test" in str(caught.value)


@pytest.mark.parametrize("name", ["demo-full", "mmnlu22-full"])
def test_other_tasks_are_not_shipped(name: str) -> None:
    assert TaskIndex.shipped(name) is None


def test_what_ships_is_far_below_a_megabyte() -> None:
    folder = Path(massive_kit.submission.__file__).with_name("indexes")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 200_000


def test_an_index_of_the_demo_comes_from_the_store(demo_store: Store) -> None:
    task_data = lay_task(load_task("demo-zeroshot"), demo_store)
    index = TaskIndex.of(task_data, with_texts=True)
    assert "en-US" not in index.locales
    gold = demo_store.label_columns("test", task_data.test.locales)
    assert (index.token_counts == gold.token_counts).all()
    assert (index.ids == gold.ids).all()
    assert index.texts is not None
    assert [len(text.split(" ")) for text in index.texts] == index.token_counts.tolist()
    assert index.training is not None
    assert len(index.training("en-US")) == demo_store.rows("train", ["en-US"])


@pytest.mark.realdata
@pytest.mark.parametrize("name", [*MASSIVE, "massive-lite-200"])
def test_the_shipped_index_is_that_of_the_data(name: str, real_store: Store) -> None:
    shipped = TaskIndex.shipped(name)
    made = TaskIndex.of(lay_task(load_task(name), real_store))
    assert shipped is not None
    # Zero-shot tasks train on a locale that they do not test.
    all_tested = name in {"massive-full", "massive-lite-200"}
    assert (made.untested is None) == (shipped.untested is None) == all_tested
    if made.untested is not None and shipped.untested is not None:
        assert made.untested.locales == shipped.untested.locales == ("en-US",)
        english, shipped_english = made.untested.index(), shipped.untested.index()
        assert (english.token_counts == shipped_english.token_counts).all()
        assert (english.ids == shipped_english.ids).all()
    for field in (field for field in fields(TaskIndex) if field.compare):
        mine, theirs = getattr(made, field.name), getattr(shipped, field.name)
        assert (mine == theirs).all() if isinstance(mine, np.ndarray) else mine == theirs


@pytest.mark.realdata
def test_the_originals_prediction_file_is_valid_as_it_is(
    shared_data: Path, real_store: Store
) -> None:
    path = shared_data / "predictions" / "predictions.jsonl.gz"
    for index in (
        TaskIndex.shipped("massive-full"),
        TaskIndex.of(lay_task(load_task("massive-full"), real_store), with_texts=True),
    ):
        assert index is not None
        predictions = read_predictions([path], index)
        assert predictions.report.counts == {}
        assert predictions.report.rows == 51 * 2974
        assert predictions.present.all()
