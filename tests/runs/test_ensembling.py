"""An ensemble is one run, which predicts by the mean of what its members say."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.task_data import TaskData
from massive_kit.data.word_states import StatesAsked
from massive_kit.errors import ConfigError, MassiveKitError, MissingDataError, UsageError
from massive_kit.runs.configuring import Configuration
from massive_kit.runs.ensembling import ensemble_runs
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import check_run, run_resources
from massive_kit.runs.loading import load_system
from massive_kit.runs.pseudo_labelling import RunTeacher
from massive_kit.runs.training import train_run
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.ensemble.system import EnsembleSystem
from massive_kit.systems.interface import DistributionSystem, Utterance
from massive_kit.systems.recipes import changed
from tests.systems.encoder.test_distillation import taught

UTTERANCES = [
    Utterance("1", "en-US", "wake me up at five", ["wake", "me", "up", "at", "five"]),
    Utterance("2", "de-DE", "spiel musik", ["spiel", "musik"]),
]


def test_it_says_the_mean_of_what_its_members_say(pair: list[Path], tmp_path: Path) -> None:
    system = load_system(ensemble_runs(pair, tmp_path / "both").path)
    assert isinstance(system, EnsembleSystem)
    said = system.label_distributions(UTTERANCES)
    members = [load_system(path) for path in pair]
    assert all(isinstance(member, DistributionSystem) for member in members)
    of_each = [
        np.exp(member.label_distributions(UTTERANCES).intents.astype(np.float32))
        for member in members
        if isinstance(member, DistributionSystem)
    ]
    means = np.exp(said.intents.astype(np.float32))
    np.testing.assert_allclose(means, np.mean(of_each, axis=0), atol=2e-3)
    answers = [*system.predict_confidently(UTTERANCES)]
    assert [len(answer.prediction.labels) for answer in answers] == [5, 2]
    assert all(0 < answer.confidence <= 1 for answer in answers)


def test_an_ensemble_of_copies_answers_as_the_run(
    runs: dict[str, Path], task_data: TaskData, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(runs["encoder"], tmp_path / "copy"))
    ensemble = load_system(ensemble_runs([runs["encoder"], copy], tmp_path / "both").path)
    table = task_data.test.only("en-US").read(["id", "utt", "tokens"])
    utterances = [
        Utterance(identity, "en-US", text, tokens)
        for identity, text, tokens in zip(*(c.to_pylist() for c in table.columns), strict=True)
    ]
    expected = load_system(runs["encoder"]).predict(utterances)
    for mean, single in zip(ensemble.predict(utterances), expected, strict=True):
        assert (mean.intent, [*mean.labels]) == (single.intent, [*single.labels])


def test_it_stands_alone_and_keeps_what_its_members_cost_and_used(
    pair: list[Path], tmp_path: Path
) -> None:
    run = ensemble_runs(pair, tmp_path / "both")
    facts = run.facts()
    members = [RunFolder(path).facts() for path in pair]
    assert facts["title"] == "encoder (ensemble of 2 runs)"
    assert facts["seconds"] >= sum(of_one["seconds"] for of_one in members)
    assert facts["parameters"] == sum(of_one["parameters"] for of_one in members)
    assert facts["seeds"] == [0, 7]
    assert [parent["run"] for parent in facts["parents"]] == [*map(str, pair)]
    assert {used.resource for used in run_resources(run)} == {"target-labels", "lexicon"}
    shutil.rmtree(pair[1])
    assert len([*load_system(run.path).predict(UTTERANCES)]) == len(UTTERANCES)


def test_it_labels_text_and_draws_no_other_cuts(pair: list[Path], tmp_path: Path) -> None:
    run = ensemble_runs(pair, tmp_path / "both")
    assert RunTeacher.load(run.path).sources
    system = load_system(run.path)
    assert isinstance(system, EnsembleSystem)
    with pytest.raises(ConfigError, match="no other cuts"):
        next(system.predict_confidently(UTTERANCES, smoothing=0.5))
    with pytest.raises(ConfigError, match="no hidden states"):
        system.label_distributions(UTTERANCES, StatesAsked((0,), 8))
    counted: list[int] = []
    system.label_distributions(UTTERANCES, progress=counted.append)
    assert sum(counted) == len(UTTERANCES)


def test_it_is_not_scored_on_text_that_a_member_has_read(
    pair: list[Path], task_data: TaskData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = task_data.task.model_copy(update={"allow": ["target-labels", "lexicon"]})
    key = "inference.label_rates.partition"
    with monkeypatch.context() as patch:
        patch.setattr(EncoderRecipe, "text_partitions", lambda _: {key: "test"})
        ensemble = ensemble_runs(pair, tmp_path / "both")
    assert [read["run"] for read in ensemble.facts()["texts_read"]] == [*map(str, pair)]
    with pytest.raises(ConfigError, match="whose text the task scores") as caught:
        check_run(ensemble, replace(task_data, task=task))
    assert f"run {ensemble.path} > run {pair[1]}" in str(caught.value)
    assert f"massive-kit configure {pair[1]} --out NEW -o {key}=train" in str(caught.value)
    check_run(ensemble_runs(pair, tmp_path / "again"), replace(task_data, task=task))


def test_it_teaches(
    recipes: dict[str, Recipe],
    pair: list[Path],
    task_data: TaskData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MASSIVE_KIT_HOME", str(tmp_path / "home"))
    ensemble = ensemble_runs(pair, tmp_path / "both")
    recipe = changed(
        taught(recipes["encoder"], ensemble.path),
        {"training": {"epochs": 0.1, "evaluations": 1}},
        "taught",
    )
    with pytest.raises(ConfigError, match="lexicon was used"):
        train_run(recipe, task_data, tmp_path / "student")
    task = task_data.task.model_copy(update={"allow": ["target-labels", "lexicon"]})
    run = train_run(recipe, replace(task_data, task=task), tmp_path / "student")
    assert [parent["kind"] for parent in run.facts()["parents"]] == ["ensemble"]
    assert "lexicon" in {used.resource for used in run_resources(run)}


def test_runs_that_do_not_fit_are_refused_with_every_reason(
    runs: dict[str, Path], pair: list[Path], tmp_path: Path
) -> None:
    ensemble = ensemble_runs(pair, tmp_path / "both").path
    other = RunFolder(pair[1])
    other.write_facts(other.facts() | {"task": "another"})
    wrong = [*pair, pair[0], runs["majority"], runs["seq2seq"], ensemble]
    with pytest.raises(ConfigError, match="cannot be put together") as caught:
        ensemble_runs(wrong, tmp_path / "new")
    for part in (
        f"{pair[0]}: it is named 2 times",
        "a run of kind majority",
        "a run of kind seq2seq",
        "its task is another",
        "a run of kind ensemble; expected a single run that says how likely each label is (name",
    ):
        assert part in str(caught.value)
    assert not (tmp_path / "new").exists()


def test_runs_of_other_labels_are_refused(
    runs: dict[str, Path], pair: list[Path], tmp_path: Path
) -> None:
    for file, key in (("inventory.json", "intents"), ("config.json", "intents")):
        path = RunFolder(pair[1]).model / file
        values = json.loads(path.read_bytes())
        of_file = values[key]
        turned = [*reversed(of_file)]
        values[key] = {name: of_file[name] for name in turned} if file[0] == "i" else turned
        path.write_text(json.dumps(values))
    config = RunFolder(pair[1]).model / "config.json"
    characters = json.loads(config.read_bytes()) | {"character_locales": ["xx-XX"]}
    config.write_text(json.dumps(characters))
    with pytest.raises(ConfigError, match="cannot be put together") as caught:
        ensemble_runs(pair, tmp_path / "new")
    assert f"{pair[1]}: its intents are others; expected those of {pair[0]}" in str(caught.value)
    assert "its locales whose tokens are characters are others" in str(caught.value)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("file", ["model.safetensors", "inventory.json", "tokenizer.json"])
def test_a_damaged_member_is_told_by_its_name(pair: list[Path], tmp_path: Path, file: str) -> None:
    (RunFolder(pair[1]).model / file).write_text("{")
    with pytest.raises(MassiveKitError, match="other/model"):
        ensemble_runs(pair, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_taken_directory_a_single_run_and_none_are_refused(
    pair: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(MassiveKitError, match="holds other files"):
        ensemble_runs(pair, tmp_path)
    with pytest.raises(UsageError, match="two runs or more"):
        ensemble_runs(pair[:1], tmp_path / "both")
    with pytest.raises(MissingDataError):
        ensemble_runs([*pair, tmp_path / "nothing"], tmp_path / "both")


def test_a_member_of_another_kind_or_none_at_all_is_not_loaded(
    runs: dict[str, Path], pair: list[Path], tmp_path: Path
) -> None:
    run = ensemble_runs(pair, tmp_path / "both")
    majority = RunFolder(runs["majority"]).recipe_file
    shutil.copy(majority, run.model / "1" / "recipe.yaml")
    with pytest.raises(ConfigError, match="kind is majority"):
        load_system(run.path)
    (run.model / "1" / "recipe.yaml").unlink()
    with pytest.raises(MassiveKitError, match=r"recipe\.yaml is missing; make the run again"):
        load_system(run.path)
    shutil.rmtree(run.model / "1")
    with pytest.raises(MassiveKitError, match="holds 1 of the 2 members"):
        load_system(run.path)
    (run.model / "0").rename(run.model / "1")
    with pytest.raises(MassiveKitError, match="it holds 1; make the run again"):
        load_system(run.path)


def test_an_ensemble_gets_another_task_through_its_members(
    pair: list[Path], tmp_path: Path
) -> None:
    run = ensemble_runs(pair, tmp_path / "both")
    with pytest.raises(UsageError, match="of a run that is made of others, configure those"):
        Configuration.of(run.path, (), task="demo-full")
    with pytest.raises(UsageError, match="or --task"):
        Configuration.of(pair[0], ())


def test_the_command_says_what_it_made(pair: list[Path], tmp_path: Path) -> None:
    arguments = ["ensemble", *map(str, pair), "--out", str(tmp_path / "both")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "encoder (ensemble of 2 runs)" in result.stdout
    trained = CliRunner().invoke(app, ["train", str(tmp_path / "both" / "recipe.yaml")])
    assert trained.exit_code != 0
