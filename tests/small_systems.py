"""Two locales of the demo corpus, and systems small enough to train in seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import Task
from massive_kit.systems.recipes import parse_recipe

BODY = {
    "model_type": "bert",
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}
T5 = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_heads": 4, "num_layers": 1}


@pytest.fixture(scope="session")
def task_data(demo_store: Store) -> TaskData:
    values = {
        "name": "two-locales",
        "title": "Two locales",
        "setting": "full",
        "data": ["demo"],
        "train": {"partition": "train", "locales": ["en-US", "ja-JP"]},
        "dev": {"partition": "dev", "locales": ["en-US", "ja-JP"]},
        "test": {"partition": "test", "locales": ["en-US", "ja-JP"]},
    }
    return lay_task(Task.model_validate(values), demo_store)


@pytest.fixture(scope="session")
def task_file(task_data: TaskData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import yaml

    path = tmp_path_factory.mktemp("task") / "two-locales.yaml"
    path.write_text(yaml.safe_dump(task_data.task.model_dump(mode="json")))
    return path


@pytest.fixture(scope="session")
def recipes(small_decoder: Path) -> dict[str, Recipe]:
    """One recipe of each family."""
    training = {"epochs": 2, "batch_tokens": 512, "evaluations": 2, "log_steps": 5}
    tokenizer = {"vocabulary": 1000}
    encoder = {"kind": "encoder", "title": "small", "training": training | {"average": 0.9}}
    return {
        "encoder": parse_recipe(
            encoder | {"model": {"config": BODY, "tokenizer": tokenizer}}, "encoder"
        ),
        "mt5 encoder": parse_recipe(
            encoder | {"model": {"config": {"model_type": "mt5", **T5}, "tokenizer": tokenizer}},
            "mt5 encoder",
        ),
        "mt5 text-to-text": parse_recipe(
            {
                "kind": "seq2seq",
                "title": "small",
                "model": {
                    "config": {"model_type": "mt5", "num_decoder_layers": 1, **T5},
                    "tokenizer": tokenizer,
                },
                "training": training | {"dev_rows": 4, "train_rows": 60},
            },
            "mt5 text-to-text",
        ),
        "decoder": parse_recipe(
            {
                "kind": "causal",
                "title": "small",
                "model": {"base": str(small_decoder), "lora": {}, "format": {"words": True}},
                "training": training | {"dev_rows": 4, "train_rows": 30},
            },
            "decoder",
        ),
        "majority": parse_recipe({"kind": "majority", "title": "small"}, "majority"),
    }


@pytest.fixture(scope="session")
def runs(task_data: TaskData, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run of each kind of system, to predict with."""
    body = {"model_type": "mt5", "num_decoder_layers": 1, **T5}
    training = {"epochs": 0.2, "batch_tokens": 1024, "evaluations": 1, "dev_rows": 2}
    model = {"config": body, "tokenizer": {"vocabulary": 800}}
    trained = {}
    for kind in ("majority", "encoder", "seq2seq"):
        values: dict[str, object] = {"kind": kind, "title": kind}
        if kind != "majority":
            values |= {"model": model, "training": training}
        recipe = parse_recipe(values, kind)
        trained[kind] = train_run(recipe, task_data, tmp_path_factory.mktemp(kind) / "run").path
    return trained
