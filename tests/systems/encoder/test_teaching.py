"""A student has the hidden states of its teacher, or the mean of several; answers are kept."""

from __future__ import annotations

import os
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from massive_kit.data.label_distributions import LabelDistributions, mean_of
from massive_kit.data.opening import open_task
from massive_kit.data.task_data import TaskData
from massive_kit.data.word_states import StatesAsked, WordStates
from massive_kit.errors import ConfigError
from massive_kit.runs import taught_cache
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import parent_facts
from massive_kit.runs.loading import load_system
from massive_kit.runs.teaching import RunTeacher
from massive_kit.runs.training import check_training, training_data
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.encoder.system import EncoderSystem
from massive_kit.systems.recipes import changed
from tests.small_encoder import small_recipe
from tests.systems.encoder.test_distillation import prepared, taught

HIDDEN = {"hidden": 1.0}


def copied(run: Path, folder: Path) -> Path:
    """A run that computes in single precision."""
    copy = RunFolder(folder)
    shutil.copytree(run, copy.path)
    copy.write_recipe(changed(copy.recipe(), {"training": {"precision": "fp32"}}, "teacher"))
    return copy.path


def said(teacher: RunTeacher, task_data: TaskData, **asked: Any) -> LabelDistributions:
    tables = [
        (split.locales[0], split.read(["id", "utt", "tokens"]).slice(0, 9))
        for split in task_data.train.unlabelled().by_locale()
    ]
    return teacher.distributions(tables, **asked)


def test_equal_shares_of_the_depth_go_together() -> None:
    def numbers(student: int, teacher: int) -> tuple[int, ...]:
        shares = tuple(Fraction(layer + 1, student) for layer in range(student))
        return StatesAsked(shares, 8).numbers(teacher)

    assert numbers(6, 12) == (1, 3, 5, 7, 9, 11)
    assert numbers(3, 12) == (3, 7, 11)
    assert numbers(4, 4) == (0, 1, 2, 3)
    assert numbers(3, 2)[-1] == 1
    assert StatesAsked((0, 5), 8).numbers(12) == (0, 5)


def test_states_are_found_across_parts() -> None:
    whole = np.arange(24, dtype=np.float16).reshape(6, 2, 2)
    states = WordStates((whole[:2], whole[2:2], whole[2:5], whole[5:]))
    words = np.array([5, 0, 2, 4, 1])
    assert np.array_equal(states.of(words), whole[words])
    assert np.array_equal(states.in_memory().of(words), whole[words])
    assert states.nbytes == states.in_memory().nbytes == whole.nbytes


def test_the_mean_of_teachers_is_that_of_their_probabilities() -> None:
    def teacher(*likely: float) -> LabelDistributions:
        with np.errstate(divide="ignore"):
            values = np.log(np.array([likely], np.float32)).astype(np.float16)
        read = np.array([likely[0] > 0])
        return LabelDistributions(values, values, np.array([0, 1]), read)

    mean = mean_of([teacher(0.5, 0.5, 0), teacher(0, 1, 0)])
    assert np.exp(mean.intents.astype(np.float32))[0] == pytest.approx([0.25, 0.75, 0], abs=1e-3)
    assert np.array_equal(mean.labels, mean.intents)
    assert not mean.read.any()


def test_the_student_of_its_own_weights_thinks_as_its_teacher(
    runs: dict[str, Path], task_data: TaskData, tmp_path: Path
) -> None:
    path = copied(runs["encoder"], tmp_path / "teacher")
    recipe = taught(RunFolder(path).recipe(), path, HIDDEN)
    inputs = prepared(recipe, task_data, tmp_path)
    batch = inputs.batches.__getitems__(np.arange(0, len(inputs.lengths), 9))
    beside = batch["auxiliary"]["distillation"]
    width = int(inputs.model.body.config.hidden_size)
    assert beside["states"].shape == (len(beside["words"]), 1, width)
    system = load_system(path)
    assert isinstance(system, EncoderSystem)
    inputs.model.eval()
    soft = inputs.model.soft_losses

    def loss() -> float:
        with torch.no_grad():
            output = inputs.model(**batch, output_hidden_states=True)
            return float(soft(inputs.model, output, batch["auxiliary"]))

    before = loss()
    inputs.model.load_state_dict(system.model.state_dict())
    assert loss() == pytest.approx(0, abs=2e-3)
    assert before > loss()
    inputs.objective(inputs.model, batch).backward()


def test_text_is_compared_layer_by_layer_as_it_is_asked_for(
    recipes: dict[str, Recipe], runs: dict[str, Path], task_data: TaskData, tmp_path: Path
) -> None:
    settings = {"reads": "text", "rows": 8, "hidden_layers": [[0, 0]], **HIDDEN}
    recipe = taught(recipes["encoder"], runs["encoder"], settings)
    inputs = prepared(recipe, task_data, tmp_path)
    batch = inputs.batches.__getitems__(np.arange(6))
    assert "states" in batch["auxiliary"]["distillation"]
    inputs.objective(inputs.model, batch).backward()
    for pairs, sentence in (
        ([[1, 0]], "hidden_layers names the student's layer 1; expected 0 to 0"),
        ([[0, 7]], "hidden_layers names the teacher's layer 7; expected 0 to 0"),
    ):
        wrong = taught(recipes["encoder"], runs["encoder"], settings | {"hidden_layers": pairs})
        with pytest.raises(ConfigError, match=sentence):
            prepared(wrong, task_data, tmp_path)
    wide = changed(recipe, {"model": {"config": {"hidden_size": 48}}}, "wide")
    assert isinstance(wide, EncoderRecipe)
    with pytest.raises(ConfigError, match="states are 32 wide, the student's 48"):
        prepared(wide, task_data, tmp_path)


def test_answers_are_kept_until_the_teacher_is_another(
    runs: dict[str, Path],
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))
    path = copied(runs["encoder"], tmp_path / "teacher")
    teacher = RunTeacher((path,))
    asked = {"asked": StatesAsked((0,), 32)}
    first = said(teacher, task_data, **asked)
    assert "is reused" not in caplog.text
    again = said(teacher, task_data, **asked)
    assert f"{path}: of 18 of 18 texts what it said before is in the cache" in caplog.text
    for name in ("intents", "labels", "offsets", "read"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
    words = np.arange(len(first.labels))
    assert first.states is not None
    assert again.states is not None
    assert np.array_equal(first.states.of(words), again.states.of(words))
    kept = sorted((tmp_path / "home" / "taught").iterdir())
    assert [file.suffix for file in kept] == [".npz", ".npy"] * 2
    # Two that say the same say the same together, and a copy has its answers from the cache;
    # without states it is another question.
    twice = said(RunTeacher((path, copied(path, tmp_path / "twin"))), task_data)
    np.testing.assert_allclose(twice.intents, first.intents, atol=2e-2)
    assert len([*kept[0].parent.iterdir()]) == len(kept) + 2
    # A torn answer is asked for again, and so is one of other weights.
    kept[0].write_bytes(kept[0].read_bytes()[:100])
    caplog.clear()
    assert np.array_equal(said(teacher, task_data, **asked).intents, first.intents)
    assert "of 9 of 18 texts" in caplog.text
    (path / "model" / "README.md").write_text("another")
    caplog.clear()
    said(teacher, task_data, **asked)
    assert "is reused" not in caplog.text


def test_the_answers_that_were_read_longest_ago_make_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taught_cache, "MOST_BYTES", 250)
    for age, name in enumerate(("new", "old", "older")):
        for suffix in (".npz", ".states.npy"):
            (tmp_path / f"{name}{suffix}").write_bytes(bytes(50))
        os.utime(tmp_path / f"{name}.npz", (1000 - age, 1000 - age))
    taught_cache._make_room(tmp_path, 100)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["new.npz", "new.states.npy"]


def test_the_student_of_a_strict_teacher_on_other_text_used_that_text(
    small_encoder: Path, plain: RunFolder, zero_shot: TaskData
) -> None:
    recipe = taught(small_recipe(small_encoder), plain.path, {"reads": "text"}, text="all")
    with pytest.raises(ConfigError, match="unlabelled-text was used"):
        check_training(recipe, training_data(recipe, zero_shot))
    task_data = open_task("demo-zeroshot-open", "demo")
    used = check_training(recipe, training_data(recipe, task_data))
    assert {resource.resource for resource in used} == {"unlabelled-text", "target-labels"}
    (text,) = (resource for resource in used if resource.resource == "unlabelled-text")
    assert "de-DE" in text.locales
    assert [parent["run"] for parent in parent_facts(recipe)] == [str(plain.path)]
