"""Models learn from text without labels, and others start from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from massive_kit.data.store import SCHEMA, Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.engine.session import open_session
from massive_kit.engine.tokenizers import load_tokenizer
from massive_kit.errors import ConfigError, UsageError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import check_run, run_resources
from massive_kit.runs.loading import load_system
from massive_kit.runs.training import data_facts, train_run, training_data
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import load_task
from massive_kit.systems.pretraining.recipe import PretrainingRecipe
from massive_kit.systems.pretraining.training import prepare
from massive_kit.systems.recipes import parse_recipe
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder
from tests.small_decoders import LLAMA
from tests.small_systems import BODY, T5
from tests.stopped_runs import assert_it_goes_on, log

CONFIGS = {
    "encoder": BODY,
    "seq2seq": {"model_type": "mt5", "num_decoder_layers": 1, **T5},
    "decoder": LLAMA,
}


def pretraining(
    architecture: str = "encoder", objective: str = "mlm", **changes: dict[str, Any] | str
) -> Recipe:
    values: dict[str, Any] = {
        "kind": "pretraining",
        "title": "text",
        "model": {
            "architecture": architecture,
            "config": CONFIGS[architecture],
            "tokenizer": {"vocabulary": 800},
        },
        "objective": {"name": objective},
        "optimiser": {"lr": 3e-3},
        "training": {"epochs": 2, "batch_tokens": 512, "evaluations": 2, "log_steps": 1}
        | {"train_rows": 60, "dev_rows": 20},
    }
    for key, value in changes.items():
        values[key] = values.get(key, {}) | value if isinstance(value, dict) else value
    return parse_recipe(values, "text")


def weights(run: RunFolder) -> dict[str, torch.Tensor]:
    loaded: dict[str, torch.Tensor] = load_file(run.model / "model.safetensors")
    return loaded


@pytest.fixture(scope="module")
def learnt(task_data: TaskData, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """An encoder that has read English and Japanese."""
    return train_run(pretraining(), task_data, tmp_path_factory.mktemp("mlm") / "run")


def check_learnt(run: RunFolder, metric: str) -> None:
    lines = log(run.path)
    losses = [line["loss"] for line in lines if "loss" in line]
    assert sum(losses[-5:]) < sum(losses[:5])
    scores = [line["dev"][metric] for line in lines if "dev" in line]
    assert scores[-1] < scores[0]
    # Each language is told apart.
    assert all({"en-US", "ja-JP"} == {*line["locales"]} for line in lines if "locales" in line)
    best = run.facts()["best"]
    assert (best["metric"], best["value"]) == (metric, min(scores))


def test_masked_words_are_learnt(learnt: RunFolder) -> None:
    check_learnt(learnt, "pseudo_perplexity")
    facts = learnt.facts()
    assert facts["head"] == "fresh"
    (used,) = run_resources(learnt)
    assert (used.resource, used.locales) == ("unlabelled-text", ("en-US", "ja-JP"))
    assert facts["data"]["train"]["text_only"] is True
    assert facts["data"]["train"]["rows"] > 0
    card = (learnt.model / "README.md").read_text()
    assert "has learnt from text alone" in card
    assert "says its intent" not in card


@pytest.mark.slow
@pytest.mark.parametrize(
    ("architecture", "objective"),
    [
        ("encoder", "deshuffling"),
        ("seq2seq", "denoising"),
        ("seq2seq", "deshuffling"),
        ("decoder", "causal"),
    ],
)
def test_every_objective_is_learnt(
    architecture: str, objective: str, task_data: TaskData, tmp_path: Path
) -> None:
    run = train_run(pretraining(architecture, objective), task_data, tmp_path / "run")
    check_learnt(run, "perplexity")
    # The softmax is over all subwords again.
    rows = len(load_tokenizer(run.model))
    assert max(len(value) for value in weights(run).values()) == rows
    assert run.facts()["embedding_rows"] <= rows


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["seq2seq", "decoder"])
def test_a_system_starts_from_what_was_learnt(
    architecture: str, task_data: TaskData, tmp_path: Path
) -> None:
    objective = {"seq2seq": "denoising", "decoder": "causal"}[architecture]
    base = train_run(pretraining(architecture, objective), task_data, tmp_path / "base")
    values = {
        "kind": {"seq2seq": "seq2seq", "decoder": "causal"}[architecture],
        "title": "on top",
        "model": {"base": str(base.path)},
        "training": {"epochs": 0.1, "batch_tokens": 512, "evaluations": 1, "dev_rows": 2},
    }
    run = train_run(parse_recipe(values, "on top"), task_data, tmp_path / "run")
    assert run.facts()["parents"][0]["run"] == str(base.path)


def on_top_of(base: RunFolder) -> Recipe:
    values = {
        "kind": "encoder",
        "title": "on top",
        "model": {"base": str(base.path), "freeze": {"layers": 1, "embeddings": True}},
        "training": {"epochs": 0.05, "batch_tokens": 512, "evaluations": 1, "dev_rows": 2},
    }
    return parse_recipe(values, "on top")


def test_an_encoder_starts_from_what_was_learnt_and_carries_what_it_read(
    learnt: RunFolder, task_data: TaskData, tmp_path: Path
) -> None:
    run = train_run(on_top_of(learnt), task_data, tmp_path / "run")
    before, after = weights(learnt), weights(run)
    name = "encoder.layer.0.output.dense.weight"
    assert torch.equal(before[name], after[f"body.{name}"])
    assert [used.resource for used in run_resources(run)] == ["target-labels", "unlabelled-text"]
    # This task gives the labels of both languages; dev labels chose nothing in the parent.
    check_run(run, task_data)
    assert run.facts()["parents"][0]["title"] == "text"


def test_a_strict_task_refuses_it_with_the_chain(
    learnt: RunFolder, demo_store: Store, tmp_path: Path
) -> None:
    strict = lay_task(load_task("massive-zeroshot-strict"), demo_store)
    with pytest.raises(ConfigError, match="more was used than the task massive-zeroshot-st") as e:
        train_run(on_top_of(learnt), strict, tmp_path / "run")
    assert (
        f"run {learnt.path}, made of store demo: unlabelled-text was used (utterances of a target"
        " language without labels: ja-JP)" in str(e.value)
    )
    with pytest.raises(ConfigError, match="unlabelled-text was used"):
        check_run(learnt, strict)


def test_a_task_is_asked_before_text_of_other_languages_is_read(
    demo_store: Store, tmp_path: Path
) -> None:
    strict = lay_task(load_task("massive-zeroshot-strict"), demo_store)
    with pytest.raises(ConfigError, match="without labels: sw-KE"):
        train_run(pretraining(text=["en-US", "sw-KE"]), strict, tmp_path / "run")  # type: ignore[arg-type]  # a list
    english = training_data(pretraining(), strict)
    assert english.train.locales == ("en-US",)
    assert data_facts(english, pretraining())["dev"]["locales"] == ["en-US"]


def test_neighbours_take_the_vectors_of_what_was_learnt(learnt: RunFolder) -> None:
    encoder = SentenceEncoder.load(SentenceEncoderSettings(base=str(learnt.model)))
    assert encoder.vectors(["wake me up"]).shape == (1, BODY["hidden_size"])


def test_it_predicts_nothing(learnt: RunFolder) -> None:
    with pytest.raises(UsageError, match="has learnt no labels and predicts none"):
        load_system(learnt.path)


def test_rows_that_do_not_occur_stay_and_a_fresh_head_learns_alone(
    small_encoder: Path, task_data: TaskData, tmp_path: Path
) -> None:
    recipe = pretraining(
        model={"base": str(small_encoder), "config": {}, "tokenizer": None},
        optimiser={"lr": 3e-3, "head_steps": 10_000, "weight_decay": 0.1},
        training={"epochs": 0.5, "evaluations": 1},
    )
    run = train_run(recipe, task_data, tmp_path / "run")
    before, after = load_file(small_encoder / "model.safetensors"), weights(run)
    # The tokenizer had no mask, which is one row more.
    name = "embeddings.word_embeddings.weight"
    assert len(after[name]) == len(before[name]) + 1
    assert torch.equal(after.pop(name)[:-1], before[name])
    assert all(torch.equal(value, before[key]) for key, value in after.items())
    head = load_file(run.model / "language_head.safetensors")
    assert len(head["bias"]) == len(before[name]) + 1
    # Words of German are in the tokenizer and not in this text.
    assert run.facts()["embedding_rows"] < len(before[name])

    more = pretraining(
        model={"base": str(run.path), "config": {}, "tokenizer": None},
        optimiser={"lr": 3e-3, "head_steps": 10_000, "weight_decay": 0.1},
        training={"epochs": 0.5, "evaluations": 1},
    )
    second = train_run(more, task_data, tmp_path / "second")
    # The head is there, and all is trained.
    assert second.facts()["head"] == "of the base"
    learnt = weights(second)
    changed = (learnt[name][:-1] != before[name]).any(dim=1)
    assert 0 < int(changed.sum()) < len(before[name])
    first_log, second_log = log(run.path), log(second.path)
    assert second_log[0]["loss"] < first_log[0]["loss"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("architecture", "objective"),
    [
        ("encoder", "mlm"),
        ("encoder", "deshuffling"),
        ("seq2seq", "denoising"),
        ("seq2seq", "deshuffling"),
        ("decoder", "causal"),
    ],
)
def test_a_run_that_goes_on_ends_as_an_unbroken_one(
    architecture: str, objective: str, task_data: TaskData, tmp_path: Path
) -> None:
    head = {"head_steps": 4, "head_lr": 2.0} if architecture == "encoder" else {}
    recipe = pretraining(
        architecture,
        objective,
        optimiser={"lr": 3e-3, "pull": 0.1, **head},
        training={"accumulate": 2, "average": 0.9},
    )
    whole = train_run(recipe, task_data, tmp_path / "whole")
    resumed = assert_it_goes_on(recipe, task_data, whole, tmp_path / "stopped")
    assert resumed.facts()["resumed"] is True


def test_no_label_is_read(
    task_data: TaskData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns: set[str] = set()
    read = Store.read

    def watched(store: Store, partition: str, locales: Any, names: Any = None) -> Any:
        columns.update(SCHEMA.names if names is None else names)
        return read(store, partition, locales, names)

    monkeypatch.setattr(Store, "read", watched)
    # Nothing may come from the cache.
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))
    recipe = pretraining()
    assert isinstance(recipe, PretrainingRecipe)
    session = open_session(recipe.training, recipe.optimiser, RunFolder(tmp_path).workspace)
    prepare(recipe, training_data(recipe, task_data), session)
    assert columns == {"id", "utt", "tokens"}
