"""An encoder learns what a finished run says of utterances, if that is asked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.lineage import Lineage
from massive_kit.data.opening import open_task
from massive_kit.data.ragged import rows_of
from massive_kit.data.split import DataSplit
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData
from massive_kit.data.word_states import StatesAsked
from massive_kit.engine.fitting import FitInputs
from massive_kit.engine.session import open_session
from massive_kit.errors import ConfigError, MissingDataError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.loading import load_system
from massive_kit.runs.teaching import check_teacher, with_teacher
from massive_kit.runs.training import check_training, train_run, training_data
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.encoder.intent_centring import LanguageShifts
from massive_kit.systems.encoder.joint_model import Classifier
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.encoder.system import EncoderSystem
from massive_kit.systems.encoder.training import prepare
from massive_kit.systems.interface import Utterance
from massive_kit.systems.recipes import changed, parse_recipe
from tests.stopped_runs import assert_it_goes_on


def taught(
    recipe: Recipe,
    teacher: Path | str,
    settings: dict[str, Any] | None = None,
    weight: float = 1.0,
    **objective: Any,
) -> EncoderRecipe:
    values = recipe.model_dump(mode="json")
    values["objective"] |= {
        "auxiliary": {"distillation": weight},
        "auxiliary_settings": {"distillation": {"teacher": str(teacher)} | (settings or {})},
    } | objective
    values["training"] |= {"dev_rows": 10, "log_steps": 1}
    made = parse_recipe(values, "taught")
    assert isinstance(made, EncoderRecipe)
    return made


def prepared(recipe: EncoderRecipe, task_data: TaskData, folder: Path) -> FitInputs:
    session = open_session(recipe.training, recipe.optimiser, RunFolder(folder).workspace)
    task_data = with_teacher(recipe, training_data(recipe, task_data))
    inputs = prepare(recipe, task_data, session).fit_inputs
    assert inputs is not None
    return inputs


def test_a_system_says_how_likely_each_label_is(runs: dict[str, Path], task_data: TaskData) -> None:
    system = load_system(runs["encoder"])
    assert isinstance(system, EncoderSystem)
    table = task_data.test.only("en-US").read(["id", "utt", "tokens"]).slice(0, 20)
    utterances = [
        Utterance(identity, "en-US", text, tokens)
        for identity, text, tokens in zip(*(c.to_pylist() for c in table.columns), strict=True)
    ]
    outputs = system.label_distributions(utterances)
    assert outputs.intents.shape == (20, len(system.inventory.intents))
    assert outputs.labels.shape == (outputs.offsets[-1], len(system.inventory.labels))
    assert outputs.read.all()
    for values in (outputs.intents, outputs.labels):
        assert np.exp(values.astype(np.float32)).sum(-1) == pytest.approx(1, abs=5e-3)
    predictions = [*system.predict(utterances)]
    inventory = system.inventory
    intents = [inventory.intents.index(str(prediction.intent)) for prediction in predictions]
    labels = [inventory.labels.index(name) for p in predictions for name in p.labels]
    # Half precision may make equals of the two likeliest.
    for values, best in ((outputs.intents, intents), (outputs.labels, labels)):
        assert np.array_equal(values[np.arange(len(best)), best], values.max(-1))
    some = outputs.taken(np.array([3, 1]))
    assert len(some) == 2
    assert np.array_equal(
        some.labels[: some.offsets[1]], outputs.labels[rows_of(outputs.offsets) == 3]
    )


def test_neighbours_and_centring_have_their_say(voting: RunFolder, zero_shot: TaskData) -> None:
    system = load_system(voting.path)
    assert isinstance(system, EncoderSystem)
    assert system.neighbours is not None
    utterances = [Utterance("1", "de-DE", "weck mich um fünf", ["weck", "mich", "um", "fünf"])]
    alone = replace(system, neighbours=None)
    own = np.exp(alone.label_distributions(utterances).intents.astype(np.float32))
    shares = system.neighbours.shares([utterances[0].text], ["de-DE"])
    mixed = np.exp(system.label_distributions(utterances).intents.astype(np.float32))
    weight = system.neighbours.weight
    assert mixed == pytest.approx((1 - weight) * own + weight * shares, abs=5e-3)
    shift = np.ones(int(system.model.body.config.hidden_size), np.float32)
    moved = replace(alone, shifts=LanguageShifts({"de-DE": shift}))
    first, second = (s.label_distributions(utterances) for s in (alone, moved))
    assert not np.array_equal(first.intents, second.intents)
    assert np.array_equal(first.labels, second.labels)


def test_the_student_of_its_own_weights_has_nothing_to_learn(
    runs: dict[str, Path], task_data: TaskData, tmp_path: Path
) -> None:
    # A teacher that is sure of what it says.
    teacher = RunFolder(tmp_path / "teacher")
    shutil.copytree(runs["encoder"], teacher.path)
    teacher.write_recipe(changed(teacher.recipe(), {"training": {"precision": "fp32"}}, "teacher"))
    system = load_system(teacher.path)
    assert isinstance(system, EncoderSystem)
    with torch.no_grad():
        for head in (system.model.intent, system.model.slots):
            assert isinstance(head, Classifier)
            head.layers[-1].weight.mul_(50)
    system.model.save_pretrained(teacher.model)
    inputs = prepared(taught(teacher.recipe(), teacher.path), task_data, tmp_path)
    batch = inputs.batches.__getitems__(np.arange(0, len(inputs.lengths), 7))
    soft = inputs.model.soft_losses
    inputs.model.eval()
    with torch.no_grad():
        before = soft(inputs.model, inputs.model(**batch), batch["auxiliary"])
        inputs.model.load_state_dict(system.model.state_dict())
        after = soft(inputs.model, inputs.model(**batch), batch["auxiliary"])
    assert before > 0.5
    # Half precision is what keeps it from 0.
    assert after.item() == pytest.approx(0, abs=1e-3)


class PerfectTeacher:
    """Knows the labels of a split, and is sure of them."""

    def __init__(self, split: DataSplit) -> None:
        labels = split.labels()
        inventory = split.store.inventory
        sure = [
            np.where(np.arange(count) == np.asarray(known)[:, None], 0, -np.inf)
            for known, count in (
                (labels.intents, len(inventory.intents)),
                (labels.labels, len(inventory.labels)),
            )
        ]
        self.outputs = LabelDistributions(
            sure[0].astype(np.float16),
            sure[1].astype(np.float16),
            labels.offsets,
            np.ones(len(labels.labels), np.bool_),
        )

    def distributions(
        self, rows: Iterable[tuple[str, pa.Table]], asked: StatesAsked | None = None
    ) -> LabelDistributions:
        assert asked is None
        tables = [table for _, table in rows]
        assert sum(len(table) for table in tables) == len(self.outputs)
        return self.outputs


def test_the_student_of_a_perfect_teacher_learns_the_labels_without_seeing_one(
    recipes: dict[str, Recipe], task_data: TaskData, tmp_path: Path
) -> None:
    recipe = taught(recipes["encoder"], "runs/perfect", {"temperature": 1.0})
    session = open_session(recipe.training, recipe.optimiser, RunFolder(tmp_path).workspace)
    with_labels = replace(task_data, teacher=PerfectTeacher(task_data.train))
    inputs = prepare(recipe, with_labels, session).fit_inputs
    assert inputs is not None
    batch = inputs.batches.__getitems__(np.arange(20))
    # What a perfect teacher adds is the task's own loss once more.
    with torch.no_grad():
        inputs.model.eval()
        both, soft = inputs.model(**batch).loss, inputs.model.soft_losses
        inputs.model.soft_losses = None
        assert both.item() == pytest.approx(2 * inputs.model(**batch).loss.item(), rel=1e-4)
        inputs.model.soft_losses = soft
    intents = batch["intent_labels"].clone()
    batch["intent_labels"].fill_(-100)
    batch["slot_labels"].fill_(-100)
    optimiser = torch.optim.AdamW(inputs.model.parameters(), lr=5e-3)
    inputs.model.train()
    losses = []
    for _ in range(100):
        optimiser.zero_grad()
        loss = inputs.objective(inputs.model, batch)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]
    inputs.model.eval()
    plain = {name: batch[name] for name in ("input_ids", "attention_mask", "text_mask")}
    assert torch.equal(inputs.model(**plain).intent_logits.argmax(-1), intents)


def test_text_without_labels_is_taught_too(
    recipes: dict[str, Recipe], runs: dict[str, Path], task_data: TaskData, tmp_path: Path
) -> None:
    settings = {"reads": "text", "rows": 30}
    recipe = taught(recipes["encoder"], runs["encoder"], settings, text=["en-US", "de-DE"])
    assert recipe.text_locales() == ["en-US", "de-DE"]
    inputs = prepared(recipe, task_data, tmp_path)
    first = inputs.batches.__getitems__(np.arange(12))
    again = inputs.batches.__getitems__(np.arange(12))
    batch = first["auxiliary"]["distillation"]
    assert all(torch.equal(batch[name], again["auxiliary"]["distillation"][name]) for name in batch)
    assert len(batch["intents"]) == len(batch["input_ids"])
    assert len(batch["labels"]) == len(batch["words"])
    assert torch.isin(batch["words"], batch["text_mask"].flatten().nonzero()).all()
    inputs.objective(inputs.model, first).backward()
    with pytest.raises(ConfigError, match="unlabelled-text was used"):
        check_training(recipe, training_data(recipe, task_data))


def test_labels_taken_over_may_leave_the_floor_to_the_teacher(
    recipes: dict[str, Recipe],
    runs: dict[str, Path],
    task_data: TaskData,
    demo_store: Store,
    tmp_path: Path,
) -> None:
    recipe = taught(recipes["encoder"], runs["encoder"], {"instead": True})
    with pytest.raises(ConfigError, match="every row of demo has labels of its own"):
        prepared(recipe, task_data, tmp_path)
    lineage = Lineage("translate-words", labels_from={"ja-JP": "en-US"})
    train = replace(task_data.train, store=replace(demo_store, lineage=lineage))
    inputs = prepared(recipe, replace(task_data, train=train), tmp_path)
    english = demo_store.rows("train", ["en-US"])
    batch = inputs.batches.__getitems__(np.array([0, english - 1, english, english + 1]))
    assert (batch["intent_labels"] >= 0).tolist() == [True, True, False, False]
    assert (batch["slot_labels"] >= 0).any(-1).tolist() == [True, True, False, False]
    assert len(batch["auxiliary"]["distillation"]["intents"]) == 4


def test_a_teacher_that_learnt_target_labels_is_refused_with_the_chain(
    recipes: dict[str, Recipe], runs: dict[str, Path], tmp_path: Path
) -> None:
    zero_shot = open_task("demo-zeroshot", "demo")
    with pytest.raises(ConfigError, match="more was used than the task demo-zeroshot") as caught:
        train_run(taught(recipes["encoder"], runs["encoder"]), zero_shot, tmp_path / "run")
    assert f"run {runs['encoder']}, made of store demo" in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_teacher_that_does_not_fit_is_told(
    recipes: dict[str, Recipe],
    runs: dict[str, Path],
    task_data: TaskData,
    small_encoder: Path,
    tmp_path: Path,
) -> None:
    def refusal(teacher: Path) -> str:
        with pytest.raises(ConfigError) as caught:
            check_teacher(taught(recipes["encoder"], teacher), task_data)
        return str(caught.value)

    key = "recipe: objective.auxiliary_settings.distillation.teacher: "
    # A folder of weights or adapters, such as a hub's, is none.
    assert f"{key}{small_encoder} is not a run" in refusal(small_encoder)
    assert "is a run of kind majority; expected" in refusal(runs["majority"])
    assert "is a run of kind seq2seq; expected" in refusal(runs["seq2seq"])
    # A run of other labels, and of another kind at that.
    other = tmp_path / "other"
    for name in ("majority", "encoder"):
        folder = RunFolder(other / name)
        folder.model.mkdir(parents=True)
        for path in (RunFolder(runs[name]).recipe_file, RunFolder(runs[name]).facts_file):
            (folder.path / path.name).write_bytes(path.read_bytes())
        kept = (runs[name] / "model" / "inventory.json").read_text()
        changed = kept.replace('"alarm_set"', '"alarm_put"')
        assert changed != kept
        (folder.model / "inventory.json").write_text(changed)
    expected = "knows other intents (with alarm_put and without alarm_set); expected the intents of"
    assert expected in refusal(other / "encoder")
    both = refusal(other / "majority")
    assert expected in both
    assert "is a run of kind majority" in both
    RunFolder(other / "encoder").facts_file.unlink()
    with pytest.raises(MissingDataError, match="is not a finished run"):
        check_teacher(taught(recipes["encoder"], other / "encoder"), task_data)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"rows": 3}, "rows caps text; training.train_rows caps the task's own rows"),
        ({"reads": "text", "instead": True}, "instead is of the task's own rows"),
        ({"teacher": 3}, "teacher is 3; expected a valid string or a valid tuple"),
        ({"teacher": ["a", "a"]}, "teacher: a run is named twice"),
        ({"hidden_layers": [[0, 1]]}, "hidden_layers: nothing is compared while hidden is 0"),
    ],
)
def test_wrong_settings_are_told(
    settings: dict[str, Any], sentence: str, recipes: dict[str, Recipe]
) -> None:
    with pytest.raises(ConfigError) as caught:
        taught(recipes["encoder"], "runs/teacher", settings)
    assert sentence in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{}, {"reads": "text", "rows": 40}])
def test_a_run_that_goes_on_ends_as_an_unbroken_one(
    settings: dict[str, Any],
    recipes: dict[str, Recipe],
    runs: dict[str, Path],
    task_data: TaskData,
    tmp_path: Path,
) -> None:
    recipe = taught(recipes["encoder"], runs["encoder"], settings)
    whole = train_run(recipe, task_data, tmp_path / "whole")
    facts = whole.facts()
    assert facts["parents"][0]["run"] == str(runs["encoder"])
    assert facts["taught_rows"] == (80 if settings else task_data.train.rows)
    assert_it_goes_on(recipe, task_data, whole, tmp_path / "stopped")
