"""An encoder learns from text beside its labels, and only where that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.engine.batches import BatchDataset
from massive_kit.engine.objectives.mlm import Masking, Settings
from massive_kit.engine.session import open_session
from massive_kit.engine.text_batches import TextBatches
from massive_kit.engine.texts import encode_texts
from massive_kit.engine.tokenizers import load_tokenizer
from massive_kit.errors import ConfigError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import run_resources
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import load_task
from massive_kit.systems.encoder.dataset import EncoderBatches
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.encoder.training import prepare
from massive_kit.systems.language_modelling.auxiliary_text import BatchesWithText
from massive_kit.systems.recipes import load_recipe, parse_recipe
from tests.stopped_runs import assert_it_goes_on, log


class Rows(BatchDataset):
    """Stands for labelled rows."""

    longest = 6

    def __len__(self) -> int:
        return 100

    def __getitem__(self, row: int) -> dict[str, torch.Tensor]:
        return self.__getitems__(np.array([row]))

    def __getitems__(self, rows: Any) -> dict[str, torch.Tensor]:
        return {"input_ids": torch.zeros(len(rows), 6, dtype=torch.long)}


def test_a_batch_gets_the_same_text_each_time_and_other_text_than_others(
    small_encoder: Path, task_data: TaskData
) -> None:
    texts = encode_texts(task_data.train, load_tokenizer(small_encoder), max_length=32, rows=50)
    batches = {"mlm": TextBatches(texts, Masking(Settings(), 1), 3)}
    data = BatchesWithText(Rows(), texts.lengths, batches, 3)
    rows = np.arange(10)
    first, again = data.__getitems__(rows), data.__getitems__(rows)
    ids = first["auxiliary"]["mlm"]["input_ids"]
    assert torch.equal(ids, again["auxiliary"]["mlm"]["input_ids"])
    assert ids.numel() <= 10 * 6 or len(ids) == 1
    other = data.__getitems__(rows + 1)["auxiliary"]["mlm"]["input_ids"]
    assert other.shape != ids.shape or not torch.equal(ids, other)
    # Every text comes at some time.
    met = set()
    for start in range(300):
        batch = data.__getitems__(np.arange(start, start + 10))
        met.add(tuple(batch["auxiliary"]["mlm"]["input_ids"][0, :3].tolist()))
    assert len(met) > 60


@pytest.mark.parametrize(
    ("recipe", "override", "sentence"),
    [
        (
            "tiny",
            "objective.auxiliary={clm: 0.1}",
            "names 'clm'; expected adversary or consistency or contrast or",
        ),
        (
            "tiny",
            "objective.auxiliary={causal: 0.1}",
            "names 'causal'; expected adversary or consistency or contrast",
        ),
        ("tiny", "objective.auxiliary={mlm: 0}", "objective.auxiliary.mlm"),
        ("tiny", "objective.text=all", "no objective reads it"),
        ("mt5-base-t2t", "objective.auxiliary={mlm: 0.1}", "only an encoder of labels learns"),
        ("tiny-mlm", "objective.auxiliary={mlm: 0.1}", "only an encoder of labels learns"),
        ("mt5-base-t2t", "objective.confidences=weights", "only an encoder of labels learns"),
    ],
)
def test_what_does_not_fit_is_told(recipe: str, override: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_recipe(recipe, [override])
    assert sentence in str(caught.value)


def with_text(recipe: Recipe, text: str | list[str] = "task", **training: object) -> Recipe:
    values = recipe.model_dump(mode="json")
    values["objective"] |= {"auxiliary": {"mlm": 0.5, "deshuffling": 0.1}, "text": text}
    values["training"] |= {"train_rows": 60, "dev_rows": 10, "log_steps": 1, **training}
    return parse_recipe(values, "with text")


@pytest.mark.slow
def test_labels_and_text_are_learnt_together_and_the_saved_model_is_as_any(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = with_text(recipes["encoder"])
    whole = train_run(recipe, task_data, tmp_path / "whole")
    losses = [line["loss"] for line in log(whole.path) if "loss" in line]
    assert np.mean(losses[-5:]) < np.mean(losses[:5])
    names = load_file(whole.model / "model.safetensors").keys()
    assert not [name for name in names if "auxiliary" in name]
    # The text of labelled rows is no resource.
    assert [used.resource for used in run_resources(whole)] == ["target-labels"]
    assert whole.facts()["data"]["text"]["locales"] == ["en-US", "ja-JP"]

    assert_it_goes_on(recipe, task_data, whole, tmp_path / "stopped")


@pytest.mark.slow
def test_a_base_without_a_mask_gets_one(
    small_encoder: Path, recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    values = with_text(recipes["encoder"], epochs=0.2, evaluations=1).model_dump(mode="json")
    values["model"] |= {"base": str(small_encoder), "config": {}, "tokenizer": None}
    run = train_run(parse_recipe(values, "r"), task_data, tmp_path / "run")
    before = load_file(small_encoder / "model.safetensors")["embeddings.word_embeddings.weight"]
    after = load_file(run.model / "model.safetensors")["body.embeddings.word_embeddings.weight"]
    assert len(after) == len(before) + 1 == len(load_tokenizer(run.model))


def test_text_of_other_languages_is_a_resource(
    recipes: dict[str, Recipe], demo_store: Store, tmp_path: Path
) -> None:
    recipe = with_text(recipes["encoder"], ["en-US", "sw-KE"], epochs=0.1, evaluations=1)
    strict = load_task("massive-zeroshot-strict")
    with pytest.raises(ConfigError, match="without labels: sw-KE"):
        train_run(recipe, lay_task(strict, demo_store), tmp_path / "run")
    allowing = strict.model_copy(update={"allow": ["unlabelled-text"]})
    run = train_run(recipe, lay_task(allowing, demo_store), tmp_path / "run")
    used = {used.resource: used.locales for used in run_resources(run)}
    assert used == {"target-labels": ("en-US",), "unlabelled-text": ("sw-KE",)}


def test_off_nothing_is_there_that_costs(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = recipes["encoder"]
    assert isinstance(recipe, EncoderRecipe)
    session = open_session(recipe.training, recipe.optimiser, RunFolder(tmp_path).workspace)
    inputs = prepare(recipe, task_data, session).fit_inputs
    assert inputs is not None
    assert type(inputs.batches) is EncoderBatches
    assert "auxiliary" not in inputs.batches[0]
    assert not [name for name, _ in inputs.model.named_modules() if "auxiliary" in name]
