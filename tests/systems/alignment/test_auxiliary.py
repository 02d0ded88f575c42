"""An encoder learns beside its task where languages lie to each other, if that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoConfig

from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.engine.objectives.consistency import Settings as ConsistencySettings
from massive_kit.engine.objectives.contrast import Settings as ContrastSettings
from massive_kit.engine.session import open_session
from massive_kit.errors import ConfigError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import run_resources
from massive_kit.runs.training import check_training, train_run, training_data
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import load_task
from massive_kit.systems.alignment.losses import AuxiliaryLosses, PairContrast
from massive_kit.systems.encoder.consistency import Consistency
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.encoder.soft_targets import SoftLosses
from massive_kit.systems.encoder.training import prepare
from massive_kit.systems.recipes import load_recipe, parse_recipe
from tests.stopped_runs import assert_it_goes_on, log

PAIRS = {"ids": 0.5, "locales": ["en-US", "de-DE", "sw-KE"]}


def beside(
    recipe: Recipe, auxiliary: dict[str, float], settings: dict[str, Any] | None = None, **more: Any
) -> Recipe:
    values = recipe.model_dump(mode="json")
    values["objective"] |= {"auxiliary": auxiliary, "auxiliary_settings": settings or {}} | more
    values["training"] |= {"dev_rows": 10, "log_steps": 1}
    return parse_recipe(values, "beside")


def allowing(store: Store, *resources: str) -> TaskData:
    strict = load_task("massive-zeroshot-strict")
    return lay_task(strict.model_copy(update={"allow": [*resources]}), store)


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (
            ["objective.auxiliary.contrast=1"],
            "contrast reads pairs, and objective.pairs is not there",
        ),
        (
            ["objective.auxiliary.contrast=1", "objective.pairs.ids=1"],
            "objective.pairs.ids is 1; expected less than 1",
        ),
        (
            ["objective.auxiliary.mlm=1", "objective.auxiliary_settings.mlm.layer=1"],
            "objective.auxiliary_settings.mlm: unknown key 'layer'",
        ),
        (
            ["objective.auxiliary_settings.contrast.layer=1"],
            "objective.auxiliary_settings names 'contrast'; expected an auxiliary objective",
        ),
        (["objective.name=adversary"], "expected supervised"),
        (["objective.name=contrast", "objective.pairs.ids=0.5"], "of which a model that learns la"),
    ],
)
def test_what_does_not_fit_is_told(overrides: list[str], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_recipe("tiny", overrides)
    assert sentence in str(caught.value)


def test_pairs_are_a_resource_that_a_task_has_to_allow(
    recipes: dict[str, Recipe], demo_store: Store
) -> None:
    recipe = beside(recipes["encoder"], {"contrast": 1.0}, pairs=PAIRS)
    with pytest.raises(ConfigError, match="store demo: parallel-text was used") as caught:
        check_training(recipe, training_data(recipe, allowing(demo_store)))
    assert "unlabelled-text" not in str(caught.value)
    used = check_training(recipe, training_data(recipe, allowing(demo_store, "parallel-text")))
    assert [(one.resource, one.locales) for one in used] == [
        ("parallel-text", ("de-DE", "en-US", "sw-KE"))
    ]


def test_labels_of_ids_in_pairs_are_not_trained_on(
    recipes: dict[str, Recipe], demo_store: Store
) -> None:
    recipe = beside(recipes["encoder"], {"contrast": 1.0}, pairs=PAIRS)
    plain = allowing(demo_store, "parallel-text")
    task_data = training_data(recipe, plain)
    assert task_data.parallel is not None
    pairs = {*task_data.parallel.split.read(["id"]).column("id").to_pylist()}
    labelled = {*task_data.train.read(["id"]).column("id").to_pylist()}
    assert not pairs & labelled
    assert len(pairs | labelled) == plain.train.rows
    # As often as a command lays the recipe on the data.
    assert training_data(recipe, task_data) == task_data
    # Without an objective that reads them they are only left out.
    only = beside(recipes["encoder"], {}, pairs=PAIRS)
    left = training_data(only, allowing(demo_store))
    assert left.parallel is None
    assert left.train == task_data.train


@pytest.mark.parametrize(
    ("auxiliary", "settings", "more", "sentence"),
    [
        ({"adversary": 0.1}, {}, {}, "objective.text means en-US alone; expected text of two"),
        (
            {"supervised-contrast": 0.1},
            {"supervised-contrast": {"layer": 1}},
            {},
            "objective.auxiliary_settings.supervised-contrast.layer is 1; expected 0 to 0, or last",
        ),
    ],
)
def test_what_the_data_or_the_base_lack_is_told(
    auxiliary: dict[str, float],
    settings: dict[str, Any],
    more: dict[str, Any],
    sentence: str,
    recipes: dict[str, Recipe],
    demo_store: Store,
    tmp_path: Path,
) -> None:
    recipe = beside(recipes["encoder"], auxiliary, settings, **more)
    with pytest.raises(ConfigError) as caught:
        train_run(recipe, allowing(demo_store), tmp_path / "run")
    assert sentence in str(caught.value)


def test_each_batch_brings_what_is_read_beside_it(
    recipes: dict[str, Recipe], demo_store: Store, tmp_path: Path
) -> None:
    recipe = beside(
        recipes["encoder"],
        {"mlm": 0.1, "contrast": 1.0, "adversary": 0.1},
        {"contrast": {"pairs": 8, "layer": 0}},
        pairs=PAIRS,
        text=["en-US", "de-DE"],
    )
    assert isinstance(recipe, EncoderRecipe)
    task_data = training_data(recipe, allowing(demo_store, "parallel-text", "unlabelled-text"))
    session = open_session(recipe.training, recipe.optimiser, RunFolder(tmp_path).workspace)
    inputs = prepare(recipe, task_data, session).fit_inputs
    assert inputs is not None
    rows = np.arange(12)
    first, again = inputs.batches.__getitems__(rows), inputs.batches.__getitems__(rows)
    assert {*first["auxiliary"]} == {"mlm", "contrast", "adversary"}
    for name, batch in first["auxiliary"].items():
        assert all(torch.equal(batch[key], again["auxiliary"][name][key]) for key in batch)
    pairs = first["auxiliary"]["contrast"]
    assert len(pairs["input_ids"]) == 16
    assert len({*pairs["same"][:8].tolist()}) == 8
    other = inputs.batches.__getitems__(rows + 1)["auxiliary"]["contrast"]["input_ids"]
    assert other.shape != pairs["input_ids"].shape or not torch.equal(other, pairs["input_ids"])
    loss = inputs.objective(inputs.model, first)
    loss.backward()
    names = {name for name, p in inputs.model.named_parameters() if p.grad is not None}
    assert names == {name for name, _ in inputs.model.named_parameters()}
    inputs.model.eval()
    with torch.no_grad():
        plain = {name: value for name, value in first.items() if "labels" not in name}
        assert inputs.model(**plain).loss is None


def test_batches_take_turns_where_that_is_asked_for(
    recipes: dict[str, Recipe], demo_store: Store, tmp_path: Path
) -> None:
    settings = {"contrast": {"pairs": 8, "layer": 0, "alternate": True}}
    recipe = beside(recipes["encoder"], {"contrast": 1.0}, settings, pairs=PAIRS)
    assert isinstance(recipe, EncoderRecipe)
    task_data = training_data(recipe, allowing(demo_store, "parallel-text"))
    session = open_session(recipe.training, recipe.optimiser, RunFolder(tmp_path).workspace)
    inputs = prepare(recipe, task_data, session).fit_inputs
    assert inputs is not None
    model, batch = inputs.model, inputs.batches.__getitems__(np.arange(12))
    losses = model.auxiliary
    assert isinstance(losses, AuxiliaryLosses)
    model.eval()
    with torch.no_grad():
        turn_of_task = inputs.objective(model, batch)
        model.auxiliary = None
        assert torch.equal(inputs.objective(model, batch), turn_of_task)
        model.auxiliary = losses
    model.train()
    of_heads = []
    for _ in range(4):
        model.zero_grad(set_to_none=True)
        inputs.objective(model, batch).backward()
        moved = {
            name
            for name, p in model.named_parameters()
            if p.grad is not None and bool(p.grad.abs().sum() > 0)
        }
        assert any(name.startswith("body.") for name in moved)
        of_heads.append(any(not name.startswith("body.") for name in moved))
    assert of_heads == [True, False, True, False]


@pytest.mark.slow
def test_a_run_that_takes_turns_goes_on_with_the_turn_that_it_had(
    recipes: dict[str, Recipe], demo_store: Store, tmp_path: Path
) -> None:
    settings = {"contrast": {"pairs": 8, "alternate": True}}
    recipe = beside(recipes["encoder"], {"contrast": 1.0}, settings, pairs=PAIRS)
    task_data = allowing(demo_store, "parallel-text")
    whole = train_run(recipe, task_data, tmp_path / "whole")
    assert_it_goes_on(recipe, task_data, whole, tmp_path / "stopped")


@pytest.mark.slow
def test_a_run_that_goes_on_ends_as_an_unbroken_one(
    recipes: dict[str, Recipe], demo_store: Store, tmp_path: Path
) -> None:
    recipe = beside(
        recipes["encoder"],
        {"contrast": 1.0, "adversary": 0.1, "supervised-contrast": 0.5},
        {
            "contrast": {"pairs": 8, "layer": 0},
            "adversary": {"ramp": 20},
            "supervised-contrast": {"layer": 0},
        },
        pairs=PAIRS,
        text="all",
    )
    task_data = allowing(demo_store, "parallel-text", "unlabelled-text")
    whole = train_run(recipe, task_data, tmp_path / "whole")
    losses = [line["loss"] for line in log(whole.path) if "loss" in line]
    assert np.mean(losses[-3:]) < np.mean(losses[:3])
    names = load_file(whole.model / "model.safetensors").keys()
    assert not [name for name in names if "auxiliary" in name]
    facts = whole.facts()
    assert facts["data"]["pairs"]["text_only"] is True
    assert facts["pair_ids"] + facts["train_rows"] == task_data.train.rows
    assert [used.resource for used in run_resources(whole)] == [
        "target-labels",
        "unlabelled-text",
        "parallel-text",
    ]
    assert_it_goes_on(recipe, task_data, whole, tmp_path / "stopped")


def test_pairs_take_turns_with_soft_losses_as_well() -> None:
    body = AutoConfig.for_model(
        "bert",
        vocab_size=40,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    model = JointModel(JointConfig(body=body.to_dict(), intents=["a", "b"], labels=["Other", "x"]))
    torch.manual_seed(0)
    rows, again = torch.randint(4, 40, (2, 4, 6))
    mask = torch.ones(4, 6, dtype=torch.bool)
    text = {"input_ids": rows, "attention_mask": mask, "text_mask": mask}
    words = torch.arange(24).expand(2, -1)
    batch = text | {
        "intent_labels": torch.tensor([0, 1, 0, 1]),
        "slot_labels": torch.zeros(4, 6, dtype=torch.long),
        "auxiliary": {
            "contrast": text | {"same": torch.arange(4)},
            "consistency": text | {"input_ids": again, "words": words},
        },
    }

    def learn(*, alternate: bool, consistent: bool, paired: bool = True) -> None:
        contrast = PairContrast(ContrastSettings(alternate=alternate))
        losses = AuxiliaryLosses(None, {"contrast": contrast}, None, {"contrast": 1.0})
        consistency = Consistency(ConsistencySettings())
        model.auxiliary = losses if paired else None
        model.soft_losses = (
            SoftLosses({"consistency": consistency}, {"consistency": 5.0}) if consistent else None
        )

    def loss() -> torch.Tensor:
        with torch.no_grad():
            value: torch.Tensor = model(**batch).loss
        return value

    model.train()
    learn(alternate=True, consistent=True)
    heads = [*model.slots.parameters()]
    changes = []
    for _ in range(4):
        model.zero_grad()
        model(**batch).loss.backward()
        changes.append(any(bool(p.grad.any()) for p in heads if p.grad is not None))
    assert changes == [True, False, True, False]

    model.eval()
    learn(alternate=False, consistent=True)
    both = loss()
    learn(alternate=False, consistent=False)
    labels_and_pairs = loss()
    learn(alternate=False, consistent=True, paired=False)
    labels_and_cuts = loss()
    learn(alternate=False, consistent=False, paired=False)
    assert both == pytest.approx(labels_and_pairs + labels_and_cuts - loss())
