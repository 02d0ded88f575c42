"""Neighbours in the posterior: training rows vote on the intent, and change nothing where off."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.errors import ConfigError, MissingDataError, UsageError
from massive_kit.runs.averaging import average_runs
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import run_resources
from massive_kit.runs.loading import load_system
from massive_kit.runs.predicting import predict_texts
from massive_kit.runs.training import train_run
from massive_kit.schema.task import load_task
from massive_kit.systems.encoder.inference import IntentPrior
from massive_kit.systems.encoder.system import EncoderSystem
from tests.small_encoder import small_recipe


def test_a_prior_is_mixed_into_the_probabilities() -> None:
    prior = IntentPrior(np.array([[1, 0], [0.5, 0.5]], np.float32), 0.5)
    logits = torch.log(torch.tensor([[0.2, 0.8]]))
    assert torch.allclose(prior.mixed(logits, np.array([0])).exp(), torch.tensor([[0.6, 0.4]]))
    alone = IntentPrior(prior.shares, 1.0).mixed(logits, np.array([0]))
    assert alone.tolist() == [[0.0, -np.inf]]


def test_the_same_weights_are_trained_and_nothing_is_saved_or_loaded_when_off(
    plain: RunFolder, voting: RunFolder
) -> None:
    first = load_file(plain.model / "model.safetensors")
    second = load_file(voting.model / "model.safetensors")
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not (plain.model / "neighbours").exists()
    assert "neighbours" not in plain.facts()
    for system in (
        load_system(plain.path),
        load_system(voting.path, ["inference.neighbours=null"]),
        load_system(voting.path, ["inference.neighbours.weight=0"]),
    ):
        assert isinstance(system, EncoderSystem)
        assert system.neighbours is None


def test_neighbours_know_what_the_model_does_not(
    voting: RunFolder, zero_shot: TaskData, plain: RunFolder
) -> None:
    told = voting.facts()["neighbours"]
    dev = {float(weight): scores for weight, scores in told["dev"].items()}
    # The model has hardly been trained, so that what is near is a better guess.
    assert told["weight"] > 0
    assert dev[told["weight"]]["intent_accuracy"] > dev[0.0]["intent_accuracy"]
    assert dev[0.0]["intent_accuracy"] == pytest.approx(voting.facts()["best"]["value"])
    assert told["rows"] == 60
    # A system of two encoders has the parameters of both.
    assert voting.facts()["parameters"] > 1.5 * plain.facts()["parameters"]
    system = load_system(voting.path)
    assert isinstance(system, EncoderSystem)
    assert system.neighbours is not None
    assert system.neighbours.weight == told["weight"]
    # With all the weight a training row is its own neighbour.
    alone = load_system(voting.path, ["inference.neighbours.weight=1", "inference.neighbours.k=1"])
    rows = zero_shot.train.only("en-US")
    capped = rows.capped_rows(60)
    assert capped is not None
    table = rows.read(["utt", "intent"]).take(capped[:10])
    predicted = predict_texts(alone, table["utt"].to_pylist(), "en-US")
    assert [p.intent for p in predicted] == table["intent"].to_pylist()
    assert [*alone.predict([])] == []


def test_what_finds_neighbours_is_fixed_and_a_run_without_them_says_so(
    plain: RunFolder, voting: RunFolder, small_encoder: Path
) -> None:
    with pytest.raises(UsageError, match="cannot change after training"):
        load_system(voting.path, ["inference.neighbours.base=other"])
    assert "inference.neighbours.base" in str(small_recipe(small_encoder, k=1).bases())
    with pytest.raises(ConfigError, match="base"):
        load_system(plain.path, ["inference.neighbours.weight=0.3"])
    (voting.model / "neighbours" / "neighbours.json").rename(voting.path / "kept")
    with pytest.raises(MissingDataError, match=r"train with inference\.neighbours"):
        load_system(voting.path)
    (voting.path / "kept").rename(voting.model / "neighbours" / "neighbours.json")


def test_centring_is_the_resource_unlabelled_text(
    small_encoder: Path, demo_store: Store, zero_shot: TaskData, tmp_path: Path
) -> None:
    centred = small_recipe(small_encoder, centring={"rows": 5})
    with pytest.raises(ConfigError, match="unlabelled-text was used"):
        train_run(centred, zero_shot, tmp_path / "refused")
    values = load_task("demo-zeroshot").model_dump() | {"allow": ["unlabelled-text"]}
    values["test"] = {"partition": "test", "locales": ["sw-KE", "ja-JP"]}
    allowed = lay_task(type(load_task("demo-zeroshot")).model_validate(values), demo_store)
    run = train_run(centred, allowed, tmp_path / "run")
    assert "unlabelled-text" in {used.resource for used in run_resources(run)}
    assert run.facts()["neighbours"]["centred_locales"] == ["en-US", "ja-JP", "sw-KE"]
    assert predict_texts(load_system(run.path), ["stop"], "sw-KE")[0].intent


def test_a_mean_of_runs_keeps_its_neighbours(
    voting: RunFolder, plain: RunFolder, tmp_path: Path
) -> None:
    other = shutil.copytree(voting.path, tmp_path / "other")
    mean = average_runs([voting.path, other], tmp_path / "mean")
    system = load_system(mean.path)
    assert isinstance(system, EncoderSystem)
    assert system.neighbours is not None
    with pytest.raises(ConfigError, match=r"inference\.neighbours"):
        average_runs([voting.path, plain.path], tmp_path / "refused")
