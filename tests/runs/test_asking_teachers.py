"""A dry run asks no teacher, and a training shows how far asking one is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from massive_kit.cli.app import app
from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData
from massive_kit.data.word_states import StatesAsked
from massive_kit.engine.observer import SilentObserver
from massive_kit.engine.requirements import requirements
from massive_kit.engine.session import open_session
from massive_kit.errors import ConfigError
from massive_kit.runs.estimating import TrainingNeeds, training_needs
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.training import train_run, training_data
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.kind import kinds
from massive_kit.systems.recipes import changed
from tests.systems.encoder.test_distillation import prepared, taught


@pytest.fixture(autouse=True)
def _home_of_its_own(demo_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # No answers of teachers are kept there; the demo corpus need not be made anew.
    stores = tmp_path / "home" / "data"
    stores.mkdir(parents=True)
    (stores / demo_store.path.name).symlink_to(demo_store.path)
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))


def dry_run(recipe: Recipe, task_file: Path, folder: Path) -> str:
    """What a dry run says of teachers, or of what it does not know."""
    done = dry_run_result(recipe, task_file, folder)
    assert done.exit_code == 0, done.output
    starts = ("# teacher: ", "# needs: ")
    return "\n".join(line for line in done.stdout.splitlines() if line.startswith(starts))


def dry_run_result(recipe: Recipe, task_file: Path, folder: Path) -> Result:
    file = folder / "student.yaml"
    file.write_text(yaml.safe_dump(recipe.model_dump(mode="json")))
    options = ["--task", str(task_file), "--data", "demo", "--dry-run"]
    return CliRunner().invoke(app, ["train", str(file), *options])


class Watching(SilentObserver):
    """Notes what is asked and what is answered, and ends the run behind some answers."""

    def __init__(self, at: str = "") -> None:
        self.at = at
        self.texts = 0
        self.answers: list[tuple[str, int]] = []
        self.steps = 0

    def teaching(self, texts: int) -> None:
        self.texts = texts

    def taught(self, locale: str, texts: int) -> None:
        if locale == self.at:
            raise KeyboardInterrupt
        self.answers.append((locale, texts))

    def started(self, steps: int, done: int) -> None:
        assert sum(texts for _, texts in self.answers) == self.texts
        self.steps = steps

    def by_locale(self) -> dict[str, int]:
        """The answers of each locale."""
        counts = dict.fromkeys([locale for locale, _ in self.answers], 0)
        for locale, texts in self.answers:
            counts[locale] += texts
        return counts


def short(recipe: EncoderRecipe) -> EncoderRecipe:
    made = changed(recipe, {"training": {"epochs": 0.1, "evaluations": 1}}, "short")
    assert isinstance(made, EncoderRecipe)
    return made


@pytest.mark.parametrize("settings", [{}, {"hidden": 1.0}, {"reads": "text", "rows": 8}])
def test_a_dry_run_asks_no_teacher_and_counts_the_same(
    settings: dict[str, Any],
    recipes: dict[str, Recipe],
    runs: dict[str, Path],
    task_data: TaskData,
    tmp_path: Path,
) -> None:
    recipe = taught(recipes["encoder"], runs["encoder"], settings)
    inputs = prepared(recipe, task_data, tmp_path)
    session = open_session(recipe.training, recipe.optimiser, RunFolder(tmp_path).workspace)
    expected = requirements(session, inputs)
    shutil.rmtree(tmp_path / "home")
    # Without its weights nothing can be asked of it.
    teacher = RunFolder(tmp_path / "teacher")
    shutil.copytree(runs["encoder"], teacher.path)
    (teacher.model / "model.safetensors").unlink()
    recipe = taught(recipes["encoder"], teacher.path, settings)
    needs = training_needs(recipe, training_data(recipe, task_data))
    assert isinstance(needs, TrainingNeeds)
    for name in ("parameters", "steps", "activations", "largest_batch", "operations_per_epoch"):
        assert getattr(needs.requirements, name) == getattr(expected, name), name
    (asked,) = needs.teachers
    assert (asked.run, asked.kept) == (teacher.path, 0)
    assert asked.texts == asked.missing == (16 if "rows" in settings else task_data.train.rows)
    assert not (tmp_path / "home" / "taught").exists()


def test_a_dry_run_says_how_many_texts_are_asked_for(
    recipes: dict[str, Recipe],
    runs: dict[str, Path],
    task_data: TaskData,
    task_file: Path,
    tmp_path: Path,
) -> None:
    path = runs["encoder"]
    recipe = short(taught(recipes["encoder"], path))
    count = task_data.train.rows
    assert dry_run(recipe, task_file, tmp_path) == (
        f"# teacher: {path} will speak of {count:,} texts;"
        f" time and memory for the other {count:,} are not counted"
    )
    with pytest.raises(KeyboardInterrupt):
        train_run(recipe, task_data, tmp_path / "run", observer=Watching(at="ja-JP"))
    kept = task_data.train.only("en-US").rows
    assert dry_run(recipe, task_file, tmp_path) == (
        f"# teacher: {path} will speak of {count:,} texts, of {kept:,} of which its answers are in"
        f" the cache; time and memory for the other {count - kept:,} are not counted"
    )
    train_run(recipe, task_data, tmp_path / "run")
    assert dry_run(recipe, task_file, tmp_path) == (
        f"# teacher: {path} is not asked: of all {count:,} texts its answers are in the cache"
    )
    hidden = short(taught(recipes["encoder"], path, {"hidden": 1.0}))
    assert f"will speak of {count:,} texts; " in dry_run(hidden, task_file, tmp_path)
    absent = taught(recipes["encoder"], path, {"hidden": 1.0, "hidden_layers": [[0, 7]]})
    refused = dry_run_result(absent, task_file, tmp_path)
    assert refused.exit_code == 1
    assert "the teacher's hidden states do not fit" in str(refused.exception)


def test_a_training_tells_how_far_its_teachers_are_and_keeps_what_they_said(
    recipes: dict[str, Recipe], runs: dict[str, Path], task_data: TaskData, tmp_path: Path
) -> None:
    teacher = RunFolder(tmp_path / "teacher")
    shutil.copytree(runs["encoder"], teacher.path)
    small = {"training": {"eval_batch_tokens": 1024}}
    teacher.write_recipe(changed(teacher.recipe(), small, "teacher"))
    recipe = short(taught(recipes["encoder"], teacher.path))
    rows = {locale: task_data.train.only(locale).rows for locale in task_data.train.locales}
    stopped = Watching(at="ja-JP")
    with pytest.raises(KeyboardInterrupt):
        train_run(recipe, task_data, tmp_path / "run", observer=stopped)
    assert stopped.texts == sum(rows.values())
    assert stopped.by_locale() == {"en-US": rows["en-US"]}
    # A batch at a time, so that a long locale is no long silence.
    assert len(stopped.answers) > 1
    assert not (tmp_path / "run").exists()
    again = Watching()
    train_run(recipe, task_data, tmp_path / "run", observer=again)
    assert again.texts == rows["ja-JP"]
    assert again.by_locale() == {"ja-JP": rows["ja-JP"]}
    third = Watching()
    train_run(recipe, task_data, tmp_path / "third", observer=third)
    assert (third.texts, third.answers) == (0, [])
    assert third.steps


def test_a_copy_of_a_teacher_answers_from_the_cache(
    recipes: dict[str, Recipe], runs: dict[str, Path], task_data: TaskData, tmp_path: Path
) -> None:
    twin = shutil.copytree(runs["encoder"], tmp_path / "twin")
    recipe = taught(recipes["encoder"], runs["encoder"])
    both = {"teacher": [str(runs["encoder"]), str(twin)]}
    recipe = taught(recipe, runs["encoder"], both)
    watching = Watching()
    train_run(short(recipe), task_data, tmp_path / "run", observer=watching)
    assert watching.texts == 2 * task_data.train.rows
    assert len([*(tmp_path / "home" / "taught").iterdir()]) == len(task_data.train.locales)


def test_only_kinds_that_show_hidden_states_are_asked_for_them(tmp_path: Path) -> None:
    kind = kinds()["onnx_encoder"]
    with pytest.raises(ConfigError, match="the teacher is of kind onnx_encoder"):
        kind.check_states(tmp_path, StatesAsked((0,), 32))
