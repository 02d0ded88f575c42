"""Trained from scratch on a few rows, systems keep touching spans of one slot apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.runs.loading import load_system
from massive_kit.runs.predicting import predict_task, read_utterances
from massive_kit.runs.training import train_run
from massive_kit.schema.task import Task
from massive_kit.scoring.evaluation import evaluate
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import read_predictions
from massive_kit.systems.recipes import parse_recipe
from tests.known import known

BERT = {"model_type": "bert", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
MT5 = {"model_type": "mt5", "d_model": 64, "d_kv": 16, "d_ff": 128, "num_heads": 4}
KINDS: dict[str, dict[str, Any]] = {
    "encoder": {"config": BERT | {"intermediate_size": 128}},
    "encoder, all subwords": {
        "config": BERT | {"intermediate_size": 128},
        "label_pieces": "all",
        "joint_decoding": True,
    },
    "seq2seq": {
        "config": MT5 | {"num_layers": 1, "num_decoder_layers": 1, "dropout_rate": 0.0},
        "format": {"inside": "inside_slot_name"},
    },
}


@pytest.fixture(scope="module")
def task_data(touching_store: Store) -> TaskData:
    """Trains, selects and tests on the same rows."""
    values = {"name": "by-heart", "title": "By heart", "setting": "full", "data": ["x"]}
    parts = {name: {"partition": "train"} for name in ("train", "dev", "test")}
    return lay_task(Task.model_validate(values | parts), touching_store)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_touching_spans_are_learnt(kind: str, task_data: TaskData, tmp_path: Path) -> None:
    training = {"epochs": 150, "batch_tokens": 512, "evaluations": 1, "precision": "fp32"}
    recipe = parse_recipe(
        {
            "kind": kind.partition(",")[0],
            "title": kind,
            "model": KINDS[kind] | {"tokenizer": {"vocabulary": 300}},
            "optimiser": {"lr": 0.003},
            "training": training,
        },
        kind,
    )
    run = train_run(recipe, task_data, tmp_path / "run")
    done = predict_task(run.path, task_data, tmp_path / "p.jsonl")
    predicted = read_predictions([done.path], TaskIndex.of(task_data, with_texts=True))
    # That the very rows of training come out is warned of, and nothing else.
    assert {problem.code for problem in predicted.report.problems} <= {"MK908"}
    scores = evaluate(task_data.test.labels(), predicted.columns, task_data, resamples=0).scores
    assert known(scores.averages["pooled"].exact_match).value == 1.0
    assert scores.scheme == "brackets"
    assert scores.locales["en-US"].predicted_spans == 7
    lines = done.path.read_text().splitlines()
    assert '"pred_annot_utt":"play [song : a] [song : b]"' in lines[0]
    assert '"pred_annot_utt":"play [song : c d]"' in lines[1]
    system = load_system(run.path)
    utterances = read_utterances(DataSplit(task_data.store, "train", ("en-US",)))
    assert [p.labels for p in system.predict(utterances)][:2] == [
        ["Other", "B-song", "B-song"],
        ["Other", "B-song", "I-song"],
    ]
