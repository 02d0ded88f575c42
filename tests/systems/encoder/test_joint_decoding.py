"""Joint decoding finds the most likely reading among those that training has shown."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.runs.predicting import predict_task
from massive_kit.runs.training import train_run
from massive_kit.schema.task import Task
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import read_predictions
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel
from massive_kit.systems.joint_decoding import allowed_mask, decode
from massive_kit.systems.recipes import parse_recipe

INTENTS, PIECES, LABELS = 5, 3, 4


def test_the_reading_is_the_best_of_all_that_are_allowed() -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    allowed = [sorted({0, *rng.choice(LABELS, 2).tolist()}) for _ in range(INTENTS)]
    mask = allowed_mask(allowed, LABELS, torch.device("cpu"))
    intents = torch.randn(20, INTENTS)
    slots = torch.randn(20, PIECES, LABELS)
    spoken = torch.rand(20, PIECES) < 0.7
    decoded = decode(intents, slots, spoken, mask)
    of_intent, of_slot = intents.log_softmax(-1), slots.log_softmax(-1)
    for row in range(20):
        best, reading = max(
            (
                float(of_intent[row, intent])
                + sum(float(of_slot[row, k, labels[k]]) for k in range(PIECES) if spoken[row, k]),
                (intent, labels),
            )
            for intent in range(INTENTS)
            for labels in itertools.product(allowed[intent], repeat=PIECES)
        )
        assert best < 0
        assert int(decoded.intents[row]) == reading[0]
        for k in range(PIECES):
            if spoken[row, k]:
                assert int(decoded.labels[row, k]) == reading[1][k]


def test_everything_allowed_is_reading_one_by_one() -> None:
    torch.manual_seed(0)
    intents, slots = torch.randn(9, INTENTS), torch.randn(9, PIECES, LABELS)
    mask = torch.ones(INTENTS, LABELS, dtype=torch.bool)
    decoded = decode(intents, slots, torch.ones(9, PIECES, dtype=torch.bool), mask)
    assert (decoded.intents == intents.argmax(-1)).all()
    assert (decoded.labels == slots.argmax(-1)).all()


@pytest.mark.parametrize("allowed", [[[0]], [[0], [1]], [[0], [0, 9]], [[0], []]])
def test_pairs_that_do_not_fit_the_labels_are_refused(allowed: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="allowed_labels"):
        JointConfig(intents=["a", "b"], labels=["Other", "date"], allowed_labels=allowed)


@pytest.fixture(scope="module")
def task_data(demo_store: Store) -> TaskData:
    values = {"name": "two", "title": "Two locales", "setting": "full", "data": ["demo"]}
    locales = {"locales": ["en-US", "ja-JP"]}
    parts = {name: locales | {"partition": name} for name in ("train", "dev", "test")}
    return lay_task(Task.model_validate(values | parts), demo_store)


def test_a_run_predicts_only_what_training_has_shown(task_data: TaskData, tmp_path: Path) -> None:
    body = {"model_type": "bert", "hidden_size": 32, "num_hidden_layers": 1}
    body |= {"num_attention_heads": 2, "intermediate_size": 64}
    model = {"config": body, "tokenizer": {"vocabulary": 800}, "joint_decoding": True}
    training = {"epochs": 1, "batch_tokens": 512, "evaluations": 1, "dev_rows": 10}
    recipe = parse_recipe(
        {"kind": "encoder", "title": "small", "model": model, "training": training}, "recipe"
    )
    run = train_run(recipe, task_data, tmp_path / "run")
    gold = task_data.store.label_columns("train", task_data.train.locales)
    row = np.repeat(np.arange(len(gold.intents)), np.diff(gold.offsets))
    seen = set(zip(gold.intents[row].tolist(), gold.labels.tolist(), strict=True))
    allowed = JointModel.from_pretrained(run.model).config.allowed_labels
    pairs = {
        (intent, label)
        for intent, intent_labels in enumerate(allowed)
        for label in intent_labels
        if label
    }
    assert pairs == {pair for pair in seen if pair[1]}
    done = predict_task(run.path, task_data, tmp_path / "p.jsonl")
    columns = read_predictions([done.path], TaskIndex.of(task_data)).columns
    intent_labels = np.repeat(np.arange(len(columns.intents)), np.diff(columns.offsets))
    found = set(zip(columns.intents[intent_labels].tolist(), columns.labels.tolist(), strict=True))
    assert {pair for pair in found if pair[1]} <= seen
