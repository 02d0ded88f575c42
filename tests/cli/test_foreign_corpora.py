"""A corpus in each foreign format, from import to a board of its own, without touching code."""

from __future__ import annotations

import json
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.home import store_folder
from massive_kit.data.store import Store
from massive_kit.schema.scores import Scores
from tests.data.foreign_corpora import FOREIGN, Utterance, by_part, corpus, write

pytestmark = pytest.mark.slow

LOCALES = ("ar-SA", "en-US")
RECIPE = {
    "title": "Tiny",
    "kind": "encoder",
    "model": {
        "config": {
            "model_type": "bert",
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 16,
        },
        "tokenizer": {"vocabulary": 300},
    },
    "training": {"epochs": 1, "batch_tokens": 512, "evaluations": 1, "precision": "fp32"},
}
TASK = {
    "name": "home",
    "title": "Songs, alarms and lights",
    "setting": "full",
    "data": ["home"],
    "train": {"partition": "train", "locales": LOCALES},
    "dev": {"partition": "dev", "locales": LOCALES},
    "test": {"partition": "test", "locales": LOCALES},
}
BOARD = {
    "title": "Songs, alarms and lights",
    "lead": "Invented.",
    "groupings": ["family"],
    "sections": [{"id": "all", "title": "All", "tasks": ["home"]}],
}
SAID = {
    "system": "tiny",
    "version": "'1'",
    "title": "Tiny",
    "team": "We",
    "task": "home",
    "setting": "full",
    "date": "2026-01-31",
    "architecture": "encoder",
}

Writer = Callable[[Path, Sequence[Utterance]], Path]


def folder_of(name: str, folder: Path, utterances: Sequence[Utterance]) -> Path:
    write(folder, FOREIGN[name], utterances)
    return folder


def seq_folders(folder: Path, utterances: Sequence[Utterance]) -> Path:
    for (locale, partition), rows in by_part(utterances).items():
        part = folder / locale / partition
        part.mkdir(parents=True)
        columns = {
            "seq.in": [row.text for row in rows],
            "seq.out": [" ".join(row.tags) for row in rows],
            "label": [row.intent for row in rows],
        }
        for name, lines in columns.items():
            (part / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def columns_of(rows: Sequence[Utterance]) -> dict[str, list[str]]:
    return {
        "id": [row.id for row in rows],
        "locale": [row.locale for row in rows],
        "partition": [row.partition for row in rows],
        "utt": [row.text for row in rows],
        "annot_utt": [row.annotated for row in rows],
    }


def parquet(folder: Path, utterances: Sequence[Utterance]) -> Path:
    """Intents as integers, their names in the metadata that `datasets` writes."""
    folder.mkdir()
    names = sorted({row.intent for row in utterances})
    features = {"intent": {"names": names, "_type": "ClassLabel"}}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    columns: dict[str, Any] = columns_of(utterances)
    columns["intent"] = [names.index(row.intent) for row in utterances]
    table = pa.table(columns).replace_schema_metadata(metadata)
    pq.write_table(table, folder / "all.parquet")
    return folder


def saved_to_disk(folder: Path, utterances: Sequence[Utterance]) -> Path:
    from datasets import Dataset, DatasetDict

    by_partition: dict[str, list[Utterance]] = {}
    for row in utterances:
        by_partition.setdefault(row.partition, []).append(row)
    splits = {
        partition: Dataset.from_dict(
            columns_of(rows) | {"intent": [row.intent for row in rows]}
        ).class_encode_column("intent")
        for partition, rows in by_partition.items()
    }
    DatasetDict(splits).save_to_disk(folder)
    return folder


def named_and_numbered(folder: Path, utterances: Sequence[Utterance]) -> Path:
    folder.mkdir()
    names = sorted({row.intent for row in utterances})
    columns: dict[str, Any] = columns_of(utterances)
    columns["intent_str"] = [row.intent for row in utterances]
    columns["intent_idx"] = [names.index(row.intent) for row in utterances]
    pq.write_table(pa.table(columns), folder / "all.parquet")
    return folder


def zipped(folder: Path, utterances: Sequence[Utterance]) -> Path:
    write(folder, FOREIGN["SLURP"], utterances)
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.jsonl")):
            archive.write(file, file.relative_to(folder))
    shutil.rmtree(folder)
    return path


def tarred(folder: Path, utterances: Sequence[Utterance]) -> Path:
    write(folder, FOREIGN["xSID"], utterances)
    path = folder.with_suffix(".tar.gz")
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder, "corpus")
    shutil.rmtree(folder)
    return path


WRITERS: dict[str, Writer] = {name: partial(folder_of, name) for name in FOREIGN} | {
    "seq.in, seq.out, label": seq_folders,
    "Parquet": parquet,
    "Parquet with intent_str and intent_idx": named_and_numbered,
    "save_to_disk": saved_to_disk,
    "zip of SLURP": zipped,
    "tar.gz of xSID": tarred,
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))
    for path, value in (
        ("tasks/home.yaml", TASK),
        ("baselines/small.yaml", RECIPE),
        ("leaderboard/board.yaml", BOARD),
    ):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(json.dumps(value), encoding="utf-8")

    def command(*arguments: str) -> str:
        result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    return command


def gold_predictions(store: Store) -> str:
    rows = store.read("test", LOCALES, columns=("id", "locale", "intent", "annot_utt")).to_pylist()
    lines = [
        {
            "id": row["id"],
            "locale": row["locale"],
            "pred_intent": row["intent"],
            "pred_annot_utt": row["annot_utt"],
        }
        for row in rows
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


def scores_of(folder: Path) -> dict[str, float]:
    scores = Scores.model_validate_json((folder / "scores.json").read_text(encoding="utf-8"))
    return {
        f"{average} {metric}": score.value
        for average, metrics in scores.averages.items()
        for metric, score in metrics.estimates().items()
    }


@pytest.mark.parametrize("name", WRITERS)
def test_from_a_foreign_file_to_a_board(name: str, run: Callable[..., str], tmp_path: Path) -> None:
    utterances = corpus()
    source = WRITERS[name](tmp_path / "corpus", utterances)
    run("data", "import", str(source), "--name", "home")
    store = Store.open(store_folder("home"))
    intents, slots = FOREIGN[name].prefixes if name in FOREIGN else ("", "")
    for (locale, partition), rows in by_part(utterances).items():
        read = store.read(partition, [locale]).to_pylist()
        assert sorted((row["utt"], row["intent"], row["annot_utt"]) for row in read) == sorted(
            (row.text, intents + row.intent, row.annotated_as(slots)) for row in rows
        )
    assert store.inventory.scheme == "brackets"
    assert json.loads(run("data", "check", "--data", "home", "--format", "json"))["ok"]

    task = ("--task", "home")
    run("train", "small", *task, "--out", "runs/small")
    run("predict", "runs/small", *task, "--out", "small.jsonl")
    (tmp_path / "gold.jsonl").write_text(gold_predictions(store), encoding="utf-8")
    for predictions in ("small", "gold"):
        run("validate", f"{predictions}.jsonl", *task)
        run("eval", f"{predictions}.jsonl", *task, "--out", f"scores/{predictions}")
    gold = scores_of(tmp_path / "scores/gold")
    assert gold
    assert set(gold.values()) == {1.0}
    facts = [part for key, value in SAID.items() for part in ("-o", f"{key}={value}")]
    run("leaderboard", "add", "small.jsonl", *facts, "--resamples", "20")
    run("leaderboard", "build", "--out", "site")
    assert "Tiny" in (tmp_path / "site/index.html").read_text(encoding="utf-8")


def test_what_hf_dataset_writes_comes_back_equal(run: Callable[..., str], tmp_path: Path) -> None:
    write(tmp_path / "corpus", FOREIGN["SLURP"], corpus())
    run("data", "import", "corpus", "--name", "home")
    run("export", "hf-dataset", "exported", "--data", "home")
    run("data", "import", "exported", "--name", "again")
    assert run("data", "diff", "home", "again") == "the same data\n"
    first, second = (Store.open(store_folder(name)) for name in ("home", "again"))
    assert first.inventory == second.inventory
    for partition in ("train", "dev", "test"):
        assert first.read(partition, LOCALES).equals(second.read(partition, LOCALES))
