"""A store as a data set of Hugging Face's `datasets`, and read as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from massive_kit.data.intake.importing import import_data, import_source
from massive_kit.data.span_schemes import SpanScheme
from massive_kit.data.store import SCHEMA, Store
from massive_kit.errors import MissingDataError
from massive_kit.exports.hf_dataset import split_name, write_hf_dataset


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_dataset_dict_says_what_the_store_says(demo_store: Store, tmp_path: Path) -> None:
    import datasets

    counts = write_hf_dataset(demo_store, tmp_path / "hf", ["en-US", "ja-JP"])
    assert counts == {"train": 780, "validation": 208, "test": 312}
    loaded = datasets.load_from_disk(str(tmp_path / "hf"))
    assert set(loaded) == {"train", "validation", "test"}
    split = loaded["test"]
    intents = split.features["intent"]
    assert tuple(intents.names) == demo_store.inventory.intents
    labels = split.features["labels"].feature
    assert tuple(labels.names) == demo_store.inventory.labels
    rows = demo_store.read("test", ["en-US", "ja-JP"]).to_pylist()
    for example, row in zip(split, rows, strict=True):
        assert intents.int2str(example["intent"]) == row["intent"]
        assert split.features["scenario"].int2str(example["scenario"]) == row["scenario"]
        assert [labels.int2str(label) for label in example["labels"]] == row["labels"]
        assert example["tokens"] == row["tokens"]
        assert example["annot_utt"] == row["annot_utt"]
    with pytest.raises(MissingDataError, match="xx-XX"):
        write_hf_dataset(demo_store, tmp_path / "no", ["xx-XX"])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_rows_without_labels_or_scenarios(tmp_path: Path) -> None:
    import datasets

    held = {"id": "1", "locale": "de-DE", "partition": "MMNLU-22", "utt": "a b"}
    labelled = {**held, "partition": "test", "intent": "X/y", "annot_utt": "a [S.s : b]"}
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, (held, labelled))))
    store = import_data(tmp_path / "x.jsonl", tmp_path / "store", name="x")
    write_hf_dataset(store, tmp_path / "hf")
    loaded = datasets.load_from_disk(str(tmp_path / "hf"))
    assert set(loaded) == {"MMNLU_22", "test"}
    assert loaded["MMNLU_22"][0]["intent"] is None
    assert loaded["MMNLU_22"][0]["labels"] is None
    assert loaded["test"][0]["labels"] == [0, 1]
    assert split_name("dev") == "validation"


def test_pandas_and_datasets_read_the_store_as_it_is(demo_store: Store, tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.read_parquet(demo_store.file("km-KH", "test"))
    assert list(frame.columns) == SCHEMA.names
    assert len(frame) == demo_store.parts["km-KH"]["test"].rows


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_datasets_reads_the_store_as_it_is(demo_store: Store, tmp_path: Path) -> None:
    import datasets

    files = {"test": str(demo_store.path / "*" / "test.parquet")}
    loaded = datasets.load_dataset("parquet", data_files=files, cache_dir=str(tmp_path))
    assert len(loaded["test"]) == demo_store.rows("test", demo_store.locales)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("scheme", ["runs", "brackets"])
def test_what_is_exported_comes_back_equal(tmp_path: Path, scheme: SpanScheme) -> None:
    held = {"id": "1", "locale": "de-DE", "partition": "MMNLU-22", "utt": "a b"}
    row = {"locale": "de-DE", "partition": "dev", "intent": "X/y", "scenario": "X"}
    labelled = {**held, **row, "annot_utt": "[S.s : a] [S.s : b]"}
    brackets = {**row, "id": "2", "utt": "[a] \\ b", "annot_utt": "\\[a\\] \\\\ [t : b]"}
    (tmp_path / "x.jsonl").write_text("\n".join(map(json.dumps, (held, labelled, brackets))))
    store = import_source(tmp_path / "x.jsonl", tmp_path / "a", name="x", scheme=scheme).store
    write_hf_dataset(store, tmp_path / "hf")
    again = import_data(tmp_path / "hf", tmp_path / "b", name="x")
    assert again.inventory == store.inventory
    for partition in store.partitions:
        assert again.content_hash(partition, ["de-DE"]) == store.content_hash(partition, ["de-DE"])
        assert again.read(partition, ["de-DE"]).equals(store.read(partition, ["de-DE"]))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_massive_comes_back_equal(demo_store: Store, tmp_path: Path) -> None:
    locales = ["en-US", "ja-JP"]
    write_hf_dataset(demo_store, tmp_path / "hf", locales)
    again = import_data(tmp_path / "hf", tmp_path / "store", name="x")
    assert again.inventory == demo_store.inventory
    for partition in demo_store.partitions:
        assert again.read(partition, locales).equals(demo_store.read(partition, locales))
        assert again.content_hash(partition, locales) == demo_store.content_hash(partition, locales)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_labels_of_touching_spans_are_iob2(touching_store: Store, tmp_path: Path) -> None:
    import datasets

    write_hf_dataset(touching_store, tmp_path / "hf")
    train = datasets.load_from_disk(str(tmp_path / "hf"))["train"]
    labels = train.features["labels"].feature
    assert tuple(labels.names) == touching_store.inventory.labels
    assert [[labels.int2str(i) for i in row] for row in train["labels"]][:4] == [
        ["Other", "B-song", "B-song"],
        ["Other", "B-song", "I-song"],
        ["Other", "Other", "B-SL:DATE_TIME", "I-SL:DATE_TIME", "B-date time"],
        ["B-time.start", "B-time.start", "Other", "Other", "Other"],
    ]
