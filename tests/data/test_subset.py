"""A task may score a part of a partition: everything then is of these rows, hashes too."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.derivation import derive
from massive_kit.data.derive.sample import Sample
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.subset import Subset, ids_text, read_ids, subset_name
from massive_kit.data.subset_store import scored_subset, with_subset
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.errors import ConfigError
from massive_kit.schema.task import load_task

LOCALES = ("en-US", "ja-JP", "km-KH")


def ids_of(split: DataSplit) -> list[str]:
    ids: list[str] = split.read(["id"]).column("id").to_pylist()
    return ids


def test_a_split_of_a_subset_reads_its_rows_in_the_order_of_the_data(
    lite_data: TaskData, demo_store: Store
) -> None:
    test = lite_data.test
    every = demo_store.read("test", ["en-US"], ["id"]).column("id").to_pylist()
    assert ids_of(test) == 3 * every[::5]
    assert test.rows == 3 * len(every[::5])
    assert test.only("ja-JP").rows == len(every[::5])
    gold, whole = test.labels(), demo_store.label_columns("test", LOCALES)
    assert len(gold) == test.rows
    assert gold.row_labels(1) == whole.row_labels(5)
    assert gold.row_labels(len(every[::5])) == whole.row_labels(len(every))
    # Columns are those asked for, and the texts alone stay without labels.
    assert test.read(["utt", "intent"]).column_names == ["utt", "intent"]
    assert test.unlabelled().read().num_rows == test.rows
    # Other partitions are whole.
    assert lite_data.dev.rows == demo_store.rows("dev", ["en-US"])
    assert lite_data.store.rows("train", LOCALES) == demo_store.rows("train", LOCALES)


def test_hashes_are_of_the_rows_as_if_there_were_no_others(
    lite_data: TaskData, demo_store: Store, tmp_path: Path
) -> None:
    sampled = Sample(total=20, stratified=True, partitions=("test",))
    store = derive(demo_store, sampled, tmp_path / "s", name="s", locales=LOCALES).store
    ids = read_ids(store.path / "ids-test.txt")
    seen = with_subset(demo_store, Subset("test", ids), LOCALES, "here")
    assert seen.content_hash("test", LOCALES) == store.content_hash("test", LOCALES)
    assert seen.content_hash("test", LOCALES) != demo_store.content_hash("test", LOCALES)
    assert seen.content_hash("dev", LOCALES) == demo_store.content_hash("dev", LOCALES)
    # What is cached by the hash of a file is not taken for that of the whole.
    assert seen.parts["en-US"]["test"].sha256 != demo_store.parts["en-US"]["test"].sha256
    # However rows were left out, scores say so.
    split, name = DataSplit(store, "test", LOCALES), subset_name(ids)
    assert scored_subset(split) == scored_subset(DataSplit(seen, "test", LOCALES)) == name
    assert scored_subset(DataSplit(store, "dev", LOCALES)) is None
    assert scored_subset(DataSplit(demo_store, "test", LOCALES)) is None
    again = derive(store, Sample(total=9), tmp_path / "t", name="t", locales=LOCALES).store
    assert scored_subset(DataSplit(again, "test", LOCALES)) == name


def test_ids_that_the_data_lack_are_told(
    lite_task: Path, demo_store: Store, tmp_path: Path
) -> None:
    task = load_task(str(lite_task))
    path = tmp_path / "ids.txt"
    known = next(iter(read_ids(lite_task.with_name("some-ids.txt"))))
    path.write_text(f"{known}\nnope # a comment\n\nneither\n")
    wrong = task.model_copy(update={"test": task.test.model_copy(update={"ids": str(path)})})
    with pytest.raises(ConfigError) as caught:
        lay_task(wrong, demo_store)
    assert "2 of 3 ids are not in ja-JP: neither, nope" in str(caught.value)
    assert "ids of test of demo" in str(caught.value)
    assert caught.value.total == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no ids"),
        (b"# nothing\n", "no ids"),
        (b"1\n2\n1\n", "ids.txt:1: id '1' stands here twice"),
        (b"\xff\n", "not UTF-8"),
    ],
)
def test_a_file_that_lists_no_ids_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "ids.txt"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_ids(path)
    assert message in str(caught.value)
    with pytest.raises(ConfigError, match="no such file"):
        read_ids(tmp_path / "other.txt")


def test_a_list_is_read_back_whatever_its_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "ids.txt"
    path.write_text(ids_text(["b", "a 1", "7"], "three"), encoding="utf-8-sig", newline="\r\n")
    assert read_ids(path) == {"b", "a 1", "7"}
    assert subset_name(["7", "b", "a 1"]) == subset_name(["a 1", "7", "b", "b"])
    assert subset_name(["7"]).startswith("1@")
