"""A run of each family to predict with."""

from __future__ import annotations

from pathlib import Path

import pytest

from massive_kit.data.splits import ResolvedTask, resolve_task
from massive_kit.data.store import Store
from massive_kit.schema.recipe import parse_recipe
from massive_kit.schema.task import Task
from massive_kit.train.run import train_run

SIZES = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_heads": 4, "num_layers": 1}
BODY = {"model_type": "mt5", "num_decoder_layers": 1, **SIZES}
TRAINING = {"epochs": 0.2, "batch_tokens": 1024, "evaluations": 1, "dev_rows": 2}


@pytest.fixture(scope="session")
def resolved(demo_store: Store) -> ResolvedTask:
    split = {"partition": "train", "locales": ["en-US", "ja-JP"]}
    values = {"name": "two", "title": "Two locales", "setting": "full", "data": ["demo"]}
    parts = {name: split | {"partition": name} for name in ("train", "dev", "test")}
    return resolve_task(Task.model_validate(values | parts), demo_store)


@pytest.fixture(scope="session")
def runs(resolved: ResolvedTask, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    model = {"config": BODY, "tokenizer": {"vocabulary": 800}}
    found = {}
    for kind in ("majority", "encoder", "seq2seq"):
        values: dict[str, object] = {"kind": kind, "title": kind}
        if kind != "majority":
            values |= {"model": model, "training": TRAINING}
        recipe = parse_recipe(values, kind)
        found[kind] = train_run(recipe, resolved, tmp_path_factory.mktemp(kind) / "run").path
    return found
