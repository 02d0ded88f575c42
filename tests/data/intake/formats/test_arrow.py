"""Arrow files as `datasets` and the original's `create_hf_dataset.py` write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from massive_kit.data.intake.column_names import accepted_columns
from massive_kit.data.intake.importing import import_data, import_source
from massive_kit.data.intake.label_maps import LabelMaps
from massive_kit.data.intake.source_options import SourceOptions
from massive_kit.errors import DataError


def saved(
    folder: Path, split: str, columns: dict[str, Any], features: dict[str, Any] | None = None
) -> Path:
    """A split as `save_to_disk` leaves it."""
    (folder / split).mkdir(parents=True)
    table = pa.table(columns)
    if features:
        info = json.dumps({"info": {"features": features}})
        table = table.replace_schema_metadata({"huggingface": info})
    path = str(folder / split / "data-00000-of-00001.arrow")
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    (folder / split / "dataset_info.json").write_text("{}")
    (folder / split / "state.json").write_text('{"_data_files": []}')
    # What `map` leaves behind is no part of the data.
    (folder / split / "cache-1.arrow").write_bytes(b"\xff\xff\xff\xff")
    (folder / "dataset_dict.json").write_text("{}")
    return folder


def class_label(*names: str) -> dict[str, Any]:
    return {"names": list(names), "_type": "ClassLabel"}


LABELLED = {"id": ["1", "2"], "locale": ["de-DE", "de-DE"], "annot_utt": ["a [x : b]", "c"]}


def test_class_labels_and_folders_of_splits(tmp_path: Path) -> None:
    columns = {**LABELLED, "utt": ["a b", "c"], "intent": [1, 0]}
    features = {"intent": class_label("say", "ask")}
    for split in ("train", "validation"):
        saved(tmp_path / "hf", split, columns, features)
    imported = import_source(tmp_path / "hf", tmp_path / "store", name="x")
    assert sorted(imported.store.parts["de-DE"]) == ["dev", "train"]
    intents = imported.store.read("dev", ["de-DE"]).column("intent").to_pylist()
    assert intents == ["ask", "say"]
    assert (imported.formats, list(imported.ignored)) == ({"arrow": 2}, [])


def test_the_files_of_the_original(tmp_path: Path) -> None:
    tokens = [["目", "覚", "ま", "し", "7", "時"], ["hello"]]
    columns = {
        "id": ["1", "2"],
        "locale": ["ja-JP", "ja-JP"],
        "domain": ["alarm", "general"],
        "intent_str": ["alarm_set", "general_greet"],
        "annot_utt": ["目覚まし [time : 7 時]", "hello"],
        "utt": tokens,
        "slots_str": [["Other"] * 4 + ["time"] * 2, ["Other"]],
        "slots_num": [[0, 0, 0, 0, 1, 1], [0]],
        "intent_num": [1, 0],
    }
    saved(tmp_path / "hf", "massive.dev", columns)
    (tmp_path / "hf" / "massive.intents").write_text('{"0": "general_greet", "1": "alarm_set"}')
    store = import_data(tmp_path / "hf", tmp_path / "store", name="x")
    rows = store.read("dev", ["ja-JP"]).to_pylist()
    assert [row["utt"] for row in rows] == ["目覚まし 7 時", "hello"]
    assert [row["tokens"] for row in rows] == tokens
    assert [row["labels"] for row in rows] == columns["slots_str"]
    assert [(row["intent"], row["scenario"]) for row in rows] == [
        ("alarm_set", "alarm"),
        ("general_greet", "general"),
    ]


def test_integers_of_an_unknown_order_are_never_guessed(tmp_path: Path) -> None:
    columns = {**LABELLED, "utt": ["a b", "c"], "intent_num": [1, 0]}
    saved(tmp_path / "hf", "test", columns)
    with pytest.raises(DataError, match="intent_num is the integer 1, and there are no names"):
        import_data(tmp_path / "hf", tmp_path / "store", name="x")
    options = SourceOptions(maps=LabelMaps(intents=["say", "ask"]))
    imported = import_source(tmp_path / "hf", tmp_path / "store", name="x", options=options)
    assert imported.store.read("test", ["de-DE"]).column("intent").to_pylist() == ["ask", "say"]


def test_integers_in_the_hubs_order_are_told(tmp_path: Path) -> None:
    columns = {**LABELLED, "utt": ["a b", "c"], "intent": [48, 45], "scenario": [16, 9]}
    saved(tmp_path / "hf", "test", columns)
    imported = import_source(tmp_path / "hf", tmp_path / "store", name="x")
    rows = imported.store.read("test", ["de-DE"]).to_pylist()
    assert (rows[0]["intent"], rows[0]["scenario"]) == ("alarm_set", "alarm")
    assert sorted(remark[:28] for remark in imported.remarks) == [
        "the integers of 'intent' are",
        "the integers of 'scenario' a",
    ]


def test_tokens_with_class_labels(tmp_path: Path) -> None:
    columns = {
        "id": [1, 2],
        "locale": ["de-DE"] * 2,
        "intent": ["say"] * 2,
        "tokens": [["a", "b", "c"], ["d", "e"]],
        "ner_tags": [[0, 1, 1], [1, 2]],
    }
    features = {"ner_tags": {"feature": class_label("O", "B-x", "I-x"), "_type": "List"}}
    saved(tmp_path / "hf", "test", columns, features)
    imported = import_source(tmp_path / "hf", tmp_path / "store", name="x")
    rows = imported.store.read("test", ["de-DE"]).to_pylist()
    assert [row["annot_utt"] for row in rows] == ["a [x : b] [x : c]", "[x : d e]"]
    assert imported.tag_scheme == "IOB2 (B-slot, I-slot)"


def test_the_file_format_of_arrow(tmp_path: Path) -> None:
    table = pa.table({**LABELLED, "utt": ["a b", "c"], "intent": ["say", "ask"]})
    path = tmp_path / "test.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    assert import_data(path, tmp_path / "store", name="x").total_rows == 2


def test_other_columns_get_one_sentence(tmp_path: Path) -> None:
    saved(tmp_path / "hf", "test", {"text": ["a"] * 1000, "label": [0] * 1000})
    with pytest.raises(DataError) as caught:
        import_data(tmp_path / "hf", tmp_path / "store", name="x")
    [problem] = caught.value.problems
    assert problem.found == f"the columns are text, label; expected {accepted_columns()}"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_off_file_is_told(tmp_path: Path, share: float) -> None:
    columns = {**LABELLED, "utt": ["a b", "c"], "intent": ["say", "ask"]}
    path = saved(tmp_path / "hf", "test", columns) / "test" / "data-00000-of-00001.arrow"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DataError, match="cannot be read"):
        import_data(path, tmp_path / "store", name="x")
