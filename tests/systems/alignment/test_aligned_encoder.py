"""What pairs teach an encoder: to find translations, and what an adversary and centring add."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from transformers import AutoModel

from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.engine.objectives.adversary import Settings as AdversarySettings
from massive_kit.engine.pair_texts import LanguageBatches, encode_pairs
from massive_kit.engine.texts import Texts
from massive_kit.engine.tokenizers import load_tokenizer
from massive_kit.errors import ConfigError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import run_resources
from massive_kit.runs.training import check_training, train_run, training_data
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import load_task
from massive_kit.systems.alignment.aligned_encoder import (
    RetrievalDevSet,
    nearest,
    text_vectors,
)
from massive_kit.systems.alignment.losses import LanguageAdversary
from massive_kit.systems.recipes import parse_recipe
from tests.small_systems import BODY
from tests.stopped_runs import Stopped

LOCALES = ("de-DE", "en-US", "sv-SE")
PAIRS = {"ids": 0.5, "locales": [*LOCALES]}


def allowing(store: Store, *resources: str) -> TaskData:
    strict = load_task("massive-zeroshot-strict")
    return lay_task(strict.model_copy(update={"allow": [*resources]}), store)


def aligning(**changes: dict[str, Any]) -> Recipe:
    values: dict[str, Any] = {
        "kind": "pretraining",
        "title": "pairs",
        "model": {"architecture": "encoder", "config": BODY, "tokenizer": {"vocabulary": 1000}},
        "objective": {"name": "contrast", "pairs": PAIRS},
        "optimiser": {"lr": 3e-3},
        "training": {"epochs": 2, "batch_tokens": 1024, "evaluations": 2, "log_steps": 1},
    }
    for key, value in changes.items():
        values[key] = values[key] | value
    return parse_recipe(values, "pairs")


def on_top_of(base: Path, **objective: Any) -> Recipe:
    values = {
        "kind": "encoder",
        "title": "on top",
        "model": {"base": str(base)},
        "objective": objective,
        "training": {"epochs": 0.05, "batch_tokens": 512, "evaluations": 1, "dev_rows": 2},
    }
    return parse_recipe(values, "on top")


@pytest.fixture(scope="module")
def aligned(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    recipe = aligning(training={"epochs": 0.2, "evaluations": 1, "dev_rows": 20})
    folder = tmp_path_factory.mktemp("aligned") / "run"
    return train_run(recipe, allowing(demo_store, "parallel-text"), folder)


def test_a_run_on_pairs_says_what_it_read(aligned: RunFolder, demo_store: Store) -> None:
    (used,) = run_resources(aligned)
    assert (used.resource, used.locales) == ("parallel-text", LOCALES)
    facts = aligned.facts()
    assert facts["data"]["train"]["text_only"] is True
    assert facts["data"]["train"]["hash"] == facts["data"]["pairs"]["hash"]
    assert facts["best"]["metric"] == "retrieval"
    assert facts["train_rows"] == 3 * facts["pair_ids"]
    with pytest.raises(ConfigError, match="parallel-text was used"):
        train_run(aligning(), allowing(demo_store), aligned.path.parent / "never")


def test_labels_of_its_ids_are_refused_with_the_chain(
    aligned: RunFolder, demo_store: Store, tmp_path: Path
) -> None:
    task_data = allowing(demo_store, "parallel-text")
    with pytest.raises(ConfigError, match="ids that are read in pairs lend their") as caught:
        train_run(on_top_of(aligned.path), task_data, tmp_path / "run")
    count = aligned.facts()["pair_ids"]
    assert f"run {aligned.path}, made of store demo: {count} of its {count} ids" in str(
        caught.value
    )
    assert "-o objective.pairs.ids=0.5 -o objective.pairs.seed=0" in str(caught.value)
    recipe = on_top_of(aligned.path, pairs={"ids": 0.5})
    laid = training_data(recipe, task_data)
    assert laid.train.rows == task_data.train.rows - count
    check_training(recipe, laid)
    # Labels first and pairs afterwards are the same.
    labelled = train_run(on_top_of(aligned.path, pairs={"ids": 0.5}), task_data, tmp_path / "run")
    check_training(aligning(model={"base": str(labelled.path)}), training_data(aligning(), laid))
    others = aligning(model={"base": str(labelled.path)}, objective={"pairs": PAIRS | {"seed": 1}})
    with pytest.raises(ConfigError, match=f"run {labelled.path}, made of store demo is trained on"):
        check_training(others, training_data(others, task_data))


def test_centring_finds_more_translations(small_encoder: Path, demo_store: Store) -> None:
    rng = np.random.default_rng(0)
    meanings = rng.normal(size=(200, 16)).astype(np.float32)
    languages = 3 * rng.normal(size=(2, 16)).astype(np.float32)
    one_side, other_side = (
        meanings + rng.normal(scale=0.3, size=meanings.shape).astype(np.float32) + language
        for language in languages
    )
    rows = np.arange(200)
    plain = (nearest(one_side, other_side) == rows).mean()
    centred = (nearest(one_side, other_side, centred=True) == rows).mean()
    assert plain < 0.9 < centred
    # And on real text, of an encoder that has learnt nothing.
    tokenizer = load_tokenizer(small_encoder)
    pairs = encode_pairs(DataSplit(demo_store, "dev", LOCALES), "en-US", tokenizer, max_length=32)

    class Model:
        body = AutoModel.from_pretrained(small_encoder).eval()
        training = False

        def eval(self) -> Model:
            return self

        def train(self, _mode: bool) -> None:
            pass

    values = RetrievalDevSet(pairs, "last", "fp32").report(Model()).values
    assert values["retrieval_centred"] > values["retrieval"]
    # Without a pivot, the first locale need not have any id in common with another.
    alone = np.insert(pairs.rows, 0, -1, axis=1)
    texts = replace(pairs.texts, locales=("xx", *pairs.texts.locales))
    apart = replace(pairs, texts=texts, rows=alone)
    expected, values = (
        RetrievalDevSet(replace(some, pivot=None), "last", "fp32").report(Model()).values
        for some in (pairs, apart)
    )
    assert values == expected


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["last", 0])
def test_contrast_finds_translations_among_ids_that_it_has_not_read(
    layer: str | int, demo_store: Store, tmp_path: Path
) -> None:
    retrieval = {}
    for rate in (1e-9, 3e-3):
        recipe = aligning(
            objective={"settings": {"layer": layer}},
            optimiser={"lr": rate},
            training={"epochs": 20, "evaluations": 1},
        )
        run = train_run(recipe, allowing(demo_store, "parallel-text"), tmp_path / str(rate))
        retrieval[rate] = run.facts()["best"]["value"]
    assert retrieval[3e-3] > retrieval[1e-9] + 0.15


@pytest.mark.slow
def test_a_run_that_goes_on_ends_as_an_unbroken_one(demo_store: Store, tmp_path: Path) -> None:
    recipe = aligning(optimiser={"pull": 0.01}, training={"average": 0.9})
    task_data = allowing(demo_store, "parallel-text")
    whole = train_run(recipe, task_data, tmp_path / "whole")
    at = whole.facts()["steps"] // 2 + 2
    with pytest.raises(KeyboardInterrupt):
        train_run(recipe, task_data, tmp_path / "stopped", observer=Stopped(at))
    resumed = train_run(recipe, task_data, tmp_path / "stopped", resume=True)
    first, second = (load_file(run.model / "model.safetensors") for run in (whole, resumed))
    assert all(torch.equal(first[name], second[name]) for name in first)


def language_identity(vectors: NDArray[np.float32], texts: Texts) -> float:
    """How often the nearest of the languages' means, from every other text, is the text's own."""
    fit = np.arange(len(texts)) % 2 == 0
    count = len(texts.locales)
    means = np.stack([vectors[fit & (texts.locale == n)].mean(axis=0) for n in range(count)])
    distances = ((vectors[~fit, None] - means) ** 2).sum(axis=2)
    return float((distances.argmin(axis=1) == texts.locale[~fit]).mean())


class Telling(LanguageAdversary):
    """The same classifier, whose gradient goes on as it is: the body learns to tell languages."""

    def weight(self) -> torch.Tensor:
        return torch.tensor(-1.0)


@pytest.mark.slow
def test_an_adversary_hides_languages_that_a_body_tells_apart(
    small_encoder: Path, demo_store: Store
) -> None:
    tokenizer = load_tokenizer(small_encoder)
    train, dev = (
        encode_pairs(DataSplit(demo_store, name, LOCALES), "en-US", tokenizer, max_length=32).texts
        for name in ("train", "dev")
    )
    torch.manual_seed(0)
    body = AutoModel.from_pretrained(small_encoder)

    def trained(classifier: LanguageAdversary, rate: float) -> float:
        """Language identity on dev text after some steps."""
        groups = [
            {"params": body.parameters(), "lr": rate},
            {"params": classifier.parameters(), "lr": 3e-3},
        ]
        optimiser = torch.optim.AdamW(groups)
        rng = np.random.default_rng(0)
        body.train()
        for _ in range(60):
            rows = rng.integers(len(train), size=48)
            loss = classifier.train()(body, LanguageBatches(train).__getitems__(rows))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        return language_identity(text_vectors(body.eval(), dev, "last"), dev)

    told = trained(Telling(AdversarySettings(), 64, len(LOCALES)), 1e-3)
    hidden = trained(LanguageAdversary(AdversarySettings(ramp=20), 64, len(LOCALES)), 5e-4)
    assert told > 0.7
    assert hidden < told - 0.1
