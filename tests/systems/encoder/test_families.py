"""Base models of each family, from a folder, train and predict."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSeq2SeqLM,
    AutoModelForTextEncoding,
    BertTokenizer,
    ByT5Tokenizer,
    PreTrainedModel,
    RobertaTokenizer,
)

from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.engine.tokenizers import train_tokenizer
from massive_kit.runs.loading import load_system
from massive_kit.runs.predicting import predict_task, text_utterances
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import Task
from massive_kit.systems.recipes import parse_recipe
from tests.stopped_runs import Stopped

BODY = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}
T5 = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_heads": 4, "num_layers": 1}
TRAINING = {"epochs": 0.3, "batch_tokens": 1024, "evaluations": 2, "dev_rows": 3, "log_steps": 2}


@pytest.fixture(scope="session")
def task_data(demo_store: Store) -> TaskData:
    split = {"partition": "train", "locales": ["en-US", "ja-JP"]}
    values = {"name": "two", "title": "Two locales", "setting": "full", "data": ["demo"]}
    parts = {name: split | {"partition": name} for name in ("train", "dev", "test")}
    return lay_task(Task.model_validate(values | parts), demo_store)


def byte_pairs(texts: list[str]) -> Any:
    return train_tokenizer(texts, 600)


def word_pieces(texts: list[str]) -> Any:
    from tokenizers import BertWordPieceTokenizer

    tokenizer = BertWordPieceTokenizer()
    tokenizer.train_from_iterator(texts, vocab_size=600, show_progress=False)
    return BertTokenizer(vocab=tokenizer.get_vocab())


def byte_level(texts: list[str]) -> Any:
    from tokenizers import ByteLevelBPETokenizer

    tokenizer = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.train_from_iterator(
        texts, vocab_size=600, special_tokens=special, show_progress=False
    )
    model = json.loads(tokenizer.to_str())["model"]
    merges = [tuple(pair) for pair in model["merges"]]
    return RobertaTokenizer(vocab=model["vocab"], merges=merges)


def raw_bytes(texts: list[str]) -> Any:
    return ByT5Tokenizer()


BASES: dict[str, tuple[dict[str, Any], Callable[[list[str]], Any]]] = {
    "bert": (BODY | {"model_type": "bert"}, word_pieces),
    "xlm-roberta": (
        BODY | {"model_type": "xlm-roberta", "max_position_embeddings": 514},
        byte_pairs,
    ),
    "roberta": (BODY | {"model_type": "roberta", "max_position_embeddings": 514}, byte_level),
    "distilbert": (
        {"model_type": "distilbert", "dim": 32, "hidden_dim": 64, "n_layers": 2, "n_heads": 2},
        word_pieces,
    ),
    "modernbert": (
        BODY | {"model_type": "modernbert", "global_attn_every_n_layers": 2, "local_attention": 8},
        byte_pairs,
    ),
    "mt5": (T5 | {"model_type": "mt5", "num_decoder_layers": 1}, byte_pairs),
    # The shape of google/byt5-small: a deeper encoder than decoder, an untied output.
    "byt5": (
        T5
        | {
            "model_type": "t5",
            "num_layers": 2,
            "num_decoder_layers": 1,
            "feed_forward_proj": "gated-gelu",
            "tie_word_embeddings": False,
            "vocab_size": 384,
        },
        raw_bytes,
    ),
}


def saved(name: str, kind: str, task_data: TaskData, folder: Path) -> Path:
    """A random base model with its tokenizer, as it would lie in a folder of the hub's."""
    values, make = BASES[name]
    table = task_data.store.read("train", list(task_data.train.locales), ["utt"])
    tokenizer = make(table.column("utt").to_pylist())
    tokenizer.save_pretrained(folder)
    sizes = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id} | {
        key: value for key, value in values.items() if key != "model_type"
    }
    config = AutoConfig.for_model(values["model_type"], **sizes)
    if kind == "seq2seq":
        config.decoder_start_token_id = tokenizer.pad_token_id
        loader: Any = AutoModelForSeq2SeqLM
    else:
        loader = AutoModelForTextEncoding if config.is_encoder_decoder else AutoModel
    torch.manual_seed(0)
    model: PreTrainedModel = loader.from_config(config)
    model.save_pretrained(folder)
    return folder


def recipe_of(kind: str, base: Path, **model: Any) -> Recipe:
    values = {
        "kind": kind,
        "title": base.name,
        "model": {"base": str(base)} | model,
        "training": TRAINING,
    }
    return parse_recipe(values, base.name)


def predicts(run: Path, task_data: TaskData, out: Path) -> int:
    """Predicts labelled rows and text; returns how many answers could not be read."""
    done = predict_task(run, task_data, out)
    assert len(out.read_bytes().splitlines()) == done.rows > 0
    system = load_system(run)
    texts = ["wake me up at five", "a", "word " * 30, "olá 👋"]
    for prediction in system.predict(text_utterances(texts, "en-US", system)):
        assert len(prediction.labels) == len(prediction.utterance.tokens)
        assert prediction.intent in system.inventory.intent_index
    return done.failed


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("bert", "encoder"),
        ("xlm-roberta", "encoder"),
        ("roberta", "encoder"),
        ("distilbert", "encoder"),
        ("modernbert", "encoder"),
        ("mt5", "encoder"),
        # As on the hub: the whole model, of which the encoder alone is read.
        ("mt5", "seq2seq"),
    ],
)
def test_an_encoder_in_a_folder_trains_and_predicts(
    name: str, kind: str, task_data: TaskData, tmp_path: Path
) -> None:
    base = saved(name, kind, task_data, tmp_path / name)
    run = train_run(recipe_of("encoder", base), task_data, tmp_path / "run")
    facts = run.facts()
    assert facts["trained_parameters"] == facts["parameters"]
    assert facts["embedding_rows"] > 0
    assert predicts(run.path, task_data, tmp_path / "p.jsonl") == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mt5", "byt5"])
def test_a_text_to_text_model_in_a_folder_trains_resumes_and_predicts(
    name: str, task_data: TaskData, tmp_path: Path
) -> None:
    base = saved(name, "seq2seq", task_data, tmp_path / name)
    recipe = recipe_of("seq2seq", base, max_output=60)
    whole = train_run(recipe, task_data, tmp_path / "whole")
    stop = Stopped(whole.facts()["steps"] - 1)
    with pytest.raises(KeyboardInterrupt):
        train_run(recipe, task_data, tmp_path / "run", observer=stop)
    run = train_run(recipe, task_data, tmp_path / "run", resume=True)
    assert run.facts()["resumed"] is True
    assert run.log.read_bytes() == whole.log.read_bytes()
    for beams in (1, 2):
        for constrained in (True, False):
            changed = recipe_of(
                "seq2seq", base, max_output=60, beams=beams, constrained=constrained
            )
            run.write_recipe(changed)
            failed = predicts(run.path, task_data, tmp_path / f"{beams}-{constrained}.jsonl")
            assert failed == 0 or not constrained
