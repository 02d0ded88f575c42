"""A pre-trained encoder small enough for tests: random weights, and a tokenizer of the demo.

Two runs start from it: a plain one, and one of the same seed in which neighbours vote.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import load_task
from massive_kit.systems.recipes import parse_recipe


@pytest.fixture(scope="session")
def small_encoder(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model as it comes from a hub: weights, configuration, tokenizer."""
    import torch
    from transformers import BertConfig, BertModel

    from massive_kit.engine.tokenizers import train_tokenizer

    folder = tmp_path_factory.mktemp("small-encoder")
    texts = demo_store.read("train", ["en-US", "de-DE", "ja-JP"], ["utt"]).column("utt").to_pylist()
    tokenizer = train_tokenizer(texts, 1000)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.2,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def small_recipe(base: Path, **neighbours: Any) -> Recipe:
    """A recipe that hardly trains the encoder; `neighbours` are settings of `inference`."""
    values: dict[str, Any] = {
        "kind": "encoder",
        "title": "small",
        "model": {"base": str(base), "joint_decoding": True, "max_length": 64},
        "training": {
            "epochs": 0.2,
            "batch_tokens": 1024,
            "evaluations": 1,
            "dev_rows": 20,
            "train_rows": 60,
            "precision": "fp32",
            "metric": "intent_accuracy",
        },
    }
    if neighbours:
        values["inference"] = {"neighbours": {"base": str(base), **neighbours}}
    return parse_recipe(values, "small")


@pytest.fixture(scope="session")
def zero_shot(demo_store: Store) -> TaskData:
    """The demo's zero-shot task."""
    return lay_task(load_task("demo-zeroshot"), demo_store)


@pytest.fixture(scope="session")
def plain(
    small_encoder: Path, zero_shot: TaskData, tmp_path_factory: pytest.TempPathFactory
) -> RunFolder:
    """A run of the encoder alone."""
    recipe = small_recipe(small_encoder)
    return train_run(recipe, zero_shot, tmp_path_factory.mktemp("plain") / "run")


@pytest.fixture(scope="session")
def voting(
    small_encoder: Path, zero_shot: TaskData, tmp_path_factory: pytest.TempPathFactory
) -> RunFolder:
    """A run in which neighbours vote, with a weight that the dev set chose."""
    recipe = small_recipe(small_encoder, weight="dev", k=5)
    return train_run(recipe, zero_shot, tmp_path_factory.mktemp("voting") / "run")
