"""A finished run gets other settings of inference, as if it had been trained with them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file
from typer.testing import CliRunner, Result

from massive_kit.cli.app import app
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, MassiveKitError, MissingDataError, UsageError
from massive_kit.files.npz import read_arrays
from massive_kit.runs.as_submission import known_of_run
from massive_kit.runs.averaging import average_runs
from massive_kit.runs.configuring import Configuration
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import check_run, run_resources
from massive_kit.runs.loading import load_system
from massive_kit.runs.predicting import predict_texts, read_utterances


def configured(run: Path, out: Path, *settings: str, **others: Any) -> RunFolder:
    changes = [f"inference.neighbours.{setting}" for setting in settings]
    return Configuration.of(run, changes, **others).write(out)


def command(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["configure", *map(str, arguments)])


@pytest.fixture(scope="module")
def knn(
    plain: RunFolder, small_encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> RunFolder:
    out = tmp_path_factory.mktemp("knn") / "run"
    return configured(plain.path, out, f"base={small_encoder}", "weight=dev", "k=5")


def test_it_is_the_run_that_was_trained_with_them(
    knn: RunFolder, voting: RunFolder, plain: RunFolder, zero_shot: TaskData
) -> None:
    for name in ("model.safetensors", "neighbours/model.safetensors"):
        first, second = load_file(knn.model / name), load_file(voting.model / name)
        assert all(np.array_equal(first[key], second[key]) for key in first)
    for file in (voting.model / "neighbours").glob("*.npz"):
        first, second = read_arrays(file), read_arrays(knn.model / "neighbours" / file.name)
        assert all(np.array_equal(first[key], second[key]) for key in first)
    assert knn.recipe() == voting.recipe()
    facts, trained = knn.facts(), voting.facts()
    for key in ("neighbours", "parameters", "data", "task", "setting", "title"):
        assert facts[key] == trained[key]
    utterances = read_utterances(zero_shot.test.only("de-DE"))[:40]
    predictions = [[*load_system(run.path).predict(utterances)] for run in (knn, voting)]
    assert predictions[0] == predictions[1]
    weights = "model.safetensors"
    assert (knn.model / weights).samefile(plain.model / weights)
    # The card is written anew, and must not be the same file.
    assert not (knn.model / "README.md").samefile(plain.model / "README.md")
    assert "neighbours" not in plain.facts()


def test_its_parent_is_the_run_and_what_that_used_is_kept(plain: RunFolder, knn: RunFolder) -> None:
    facts = knn.facts()
    (parent,) = facts["parents"]
    assert (parent["run"], parent["best"]) == (str(plain.path), plain.facts()["best"])
    assert facts["seconds"] >= plain.facts()["seconds"]
    (labels,) = run_resources(knn)
    (before,) = run_resources(plain)
    assert labels == before.through(f"run {plain.path}")
    assert known_of_run(knn)["parameters"]["total"] == facts["parameters"]
    assert known_of_run(knn)["seeds"] == [0]


def test_weight_0_predicts_as_the_run_does(
    plain: RunFolder, knn: RunFolder, zero_shot: TaskData, tmp_path: Path
) -> None:
    run = configured(knn.path, tmp_path / "run", "weight=0", data="demo")
    assert run.facts()["neighbours"]["weight"] == 0
    utterances = read_utterances(zero_shot.test.only("sw-KE"))[:40]
    first, second = ([*load_system(path).predict(utterances)] for path in (run.path, plain.path))
    assert first == second
    without = Configuration.of(knn.path, ["inference.neighbours=null"]).write(tmp_path / "without")
    assert not (without.model / "neighbours").exists()
    assert without.facts()["parameters"] == plain.facts()["parameters"]


def test_text_to_centre_by_is_a_resource_that_a_task_allows(
    plain: RunFolder, zero_shot: TaskData, small_encoder: Path, tmp_path: Path
) -> None:
    changes = [f"inference.neighbours.base={small_encoder}"]
    changes += ["inference.neighbours.centring.rows=5", "inference.centring.rows=5"]
    with pytest.raises(ConfigError, match="unlabelled-text was used"):
        Configuration.of(plain.path, changes)
    values = zero_shot.task.model_dump(mode="json") | {"allow": ["unlabelled-text"], "name": "open"}
    values["test"] |= {"locales": ["sw-KE", "ja-JP"], "without": []}
    task = tmp_path / "open.yaml"
    task.write_text(yaml.safe_dump(values))
    run = Configuration.of(plain.path, changes, task=str(task)).write(tmp_path / "run")
    facts = run.facts()
    assert facts["neighbours"]["centred_locales"] == ["en-US", "ja-JP", "sw-KE"]
    assert (facts["task"], facts["parents"][0]["task"]) == ("open", "demo-zeroshot")
    shifts = load_file(run.model / "language_shifts.safetensors")
    assert [*sorted(shifts)] == ["en-US", "ja-JP", "sw-KE"]
    assert predict_texts(load_system(run.path), ["stop"], "sw-KE")[0].intent
    with pytest.raises(ConfigError, match=f"run {run.path}, .*unlabelled-text was used"):
        check_run(run, zero_shot)
    # What was once used stays so.
    back = Configuration.of(run.path, ["inference.centring=null"], task=str(task))
    assert "unlabelled-text" in {
        used.resource for used in run_resources(back.write(tmp_path / "back"))
    }
    with pytest.raises(ConfigError, match=r"-o inference\.centring=null") as caught:
        average_runs([run.path, plain.path], tmp_path / "mean")
    assert "centred by vectors of its own weights" in str(caught.value)


def test_another_task_of_the_same_rows_is_change_enough(
    plain: RunFolder, zero_shot: TaskData, tmp_path: Path
) -> None:
    task = tmp_path / "open.yaml"
    task.write_text(yaml.safe_dump(zero_shot.task.model_dump(mode="json") | {"name": "open"}))
    run = Configuration.of(plain.path, [], task=str(task)).write(tmp_path / "run")
    assert run.facts()["task"] == "open"
    answers = [
        predict_texts(load_system(path), ["stop"], "en-US") for path in (plain.path, run.path)
    ]
    assert answers[0] == answers[1]


def test_a_base_that_read_the_runs_ids_in_pairs_is_refused(
    plain: RunFolder, zero_shot: TaskData, tmp_path: Path
) -> None:
    base = RunFolder(shutil.copytree(plain.path, tmp_path / "base"))
    pairs = {"resource": "parallel-text", "by": ["store demo"], "ids": {"share": 0.5, "seed": 0}}
    base.write_facts(base.facts() | {"resources": [pairs]})
    task, values = tmp_path / "open.yaml", zero_shot.task.model_dump(mode="json")
    task.write_text(yaml.safe_dump(values | {"name": "open", "allow": ["parallel-text"]}))
    with pytest.raises(ConfigError, match="ids in pairs have labels that run"):
        configured(plain.path, tmp_path / "run", f"base={base.path}", task=str(task))


def test_a_mean_of_runs_is_configured_too(plain: RunFolder, tmp_path: Path) -> None:
    other = RunFolder(shutil.copytree(plain.path, tmp_path / "other"))
    facts = other.facts()
    facts["recipe"]["training"]["seed"] = 7
    facts["data"]["train"]["hash"] = "0"
    other.write_facts(facts)
    mean = average_runs([plain.path, other.path], tmp_path / "mean")
    # What finds neighbours may itself be a run.
    run = configured(mean.path, tmp_path / "run", f"base={plain.path}", "weight=0.3")
    assert [parent["run"] for parent in run.facts()["parents"]] == [
        *map(str, (mean.path, plain.path))
    ]
    assert run.facts()["seeds"] == [0, 7]
    assert {*run.facts()["neighbours"]["dev"]} == {"0.0", "0.3"}
    assert run.facts()["data"] == mean.facts()["data"]


def test_runs_whose_neighbours_weigh_the_same_are_averaged_and_others_told_what_to_do(
    knn: RunFolder, tmp_path: Path
) -> None:
    other = RunFolder(shutil.copytree(knn.path, tmp_path / "other"))
    arguments = ["average", str(knn.path), str(other.path), "--out", str(tmp_path / "mean")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert "was chosen for each run" in result.stderr
    facts = RunFolder(tmp_path / "mean").facts()
    assert facts["neighbours"]["weight"] == knn.facts()["neighbours"]["weight"]
    assert "dev" not in facts["neighbours"]
    settings = other.model / "neighbours" / "neighbours.json"
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"weight": 0.05}))
    told = r"neighbours\.weight is 0.05; expected .*massive-kit configure RUN --out NEW"
    with pytest.raises(ConfigError, match=told):
        average_runs([knn.path, other.path], tmp_path / "refused")


def test_other_keys_kinds_and_folders_are_refused(
    plain: RunFolder, runs: dict[str, Path], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"^model\.layer, training\.seed cannot change") as caught:
        Configuration.of(plain.path, ["training.seed=3", "model.layer=1", "inference.centring={}"])
    assert caught.value.exit_code == 2
    with pytest.raises(UsageError, match="nothing to change"):
        Configuration.of(plain.path, [])
    with pytest.raises(ConfigError, match="did you mean 'weight'"):
        Configuration.of(plain.path, ["inference.neighbours.wight=1"])
    with pytest.raises(ConfigError, match="a run of kind majority") as refused:
        Configuration.of(runs["majority"], ["training.seed=3", "inference.centring=null"])
    assert "training.seed; expected a key of `inference`" in str(refused.value)
    assert refused.value.exit_code == 1
    with pytest.raises(MissingDataError, match="not a run directory"):
        Configuration.of(tmp_path, ["inference.centring=null"])
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    with pytest.raises(MassiveKitError, match="holds other files"):
        Configuration.of(plain.path, ["inference.centring=null"]).write(tmp_path / "taken")


def test_a_run_that_cannot_be_made_leaves_nothing(plain: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="nosuch"):
        configured(plain.path, tmp_path / "run", f"base={tmp_path / 'nosuch'}")
    assert not [*tmp_path.iterdir()]


def test_other_rows_than_the_runs_are_refused(plain: RunFolder, tmp_path: Path) -> None:
    other = RunFolder(shutil.copytree(plain.path, tmp_path / "other"))
    facts = other.facts()
    facts["data"]["dev"]["hash"] = facts["data"]["train"]["hash"] = "0" * 16
    facts["data"]["inventory"] = "1" * 16
    other.write_facts(facts)
    with pytest.raises(ConfigError, match="not those of the run") as caught:
        Configuration.of(other.path, ["inference.centring=null"])
    for part in ("train rows of hash", "dev rows of hash", "labels of hash", "--train-data"):
        assert part in str(caught.value)
    facts["data"]["name"] = "elsewhere"
    other.write_facts(facts)
    with pytest.raises(MissingDataError, match=r"or name the data .* with --data"):
        Configuration.of(other.path, ["inference.centring=null"])


def test_another_task_with_other_rows_is_told_as_that(plain: RunFolder, tmp_path: Path) -> None:
    dev = {"partition": "dev", "locales": ["de-DE", "en-US", "fr-FR", "nl-NL"]}
    task = plain.task() | {"name": "more-dev", "dev": dev}
    (tmp_path / "task.yaml").write_text(yaml.safe_dump(task), encoding="utf-8")
    with pytest.raises(ConfigError, match="not those of the run") as caught:
        Configuration.of(plain.path, ["inference.centring=null"], task=str(tmp_path / "task.yaml"))
    (problem,) = caught.value.problems
    told = str(problem)
    assert "leave out --task, or name one whose dev rows are dev of " in told
    assert "more-dev takes dev of de-DE, en-US, fr-FR and 1 more" in told
    assert "--data" not in told


def test_the_whole_section_is_not_one_setting(plain: RunFolder) -> None:
    for value in ("null", "5"):
        with pytest.raises(UsageError, match=r"name each, such as -o inference.neighbours=null"):
            Configuration.of(plain.path, [f"inference={value}"])


def test_the_command_says_what_neighbours_are_worth(
    plain: RunFolder, small_encoder: Path, tmp_path: Path
) -> None:
    base = ("-o", f"inference.neighbours.base={small_encoder}")
    shown = command(plain.path, *base, "--dry-run")
    assert shown.exit_code == 0
    assert f"base: {small_encoder}" in shown.stdout
    assert "# train: " in shown.stdout
    done = command(plain.path, *base, "--out", tmp_path / "run", "-o", "inference.centring=null")
    assert done.exit_code == 0
    assert "neighbours weigh 0.5, dev intent_accuracy" in done.stdout
    assert isinstance(command(plain.path, *base).exception, UsageError)
