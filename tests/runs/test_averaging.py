"""The mean of several runs is one run, with what all of them cost and used."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from massive_kit.cli.app import app
from massive_kit.data.task_data import TaskData
from massive_kit.engine.averaged_weights import WeightFiles, write_average
from massive_kit.errors import ConfigError, MassiveKitError, MissingDataError, UsageError
from massive_kit.runs.as_submission import known_of_run
from massive_kit.runs.averaging import average_runs
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import run_resources
from massive_kit.runs.loading import load_system
from massive_kit.systems.interface import Utterance

UTTERANCE = Utterance("1", "en-US", "wake me up at five", ["wake", "me", "up", "at", "five"])


def test_weights_are_the_mean_and_the_run_predicts(pair: list[Path], tmp_path: Path) -> None:
    run = average_runs(pair, tmp_path / "mean")
    first = load_file(pair[0] / "model" / "model.safetensors")
    mean = load_file(run.model / "model.safetensors")
    assert mean.keys() == first.keys()
    assert all(torch.allclose(mean[name], first[name] + 0.5, atol=1e-6) for name in first)
    (prediction,) = load_system(run.path).predict([UTTERANCE])
    assert len(prediction.labels) == len(UTTERANCE.tokens)


def test_it_knows_its_parents_their_cost_and_what_they_used(
    pair: list[Path], task_data: TaskData, tmp_path: Path
) -> None:
    facts = average_runs(pair, tmp_path / "mean").facts()
    assert facts["title"] == "encoder (mean of 2 runs)"
    spent = [RunFolder(path).facts()["seconds"] for path in pair]
    assert facts["seconds"] >= sum(spent)
    assert [parent["run"] for parent in facts["parents"]] == [*map(str, pair)]
    assert [parent["seconds"] for parent in facts["parents"]] == spent
    assert facts["data"] == RunFolder(pair[0]).facts()["data"]
    used = run_resources(RunFolder(tmp_path / "mean"))
    assert {resource.resource for resource in used} == {"target-labels", "lexicon"}
    assert ("run " + str(pair[1]), "store mixed") in [resource.by for resource in used]
    known = known_of_run(RunFolder(tmp_path / "mean"))
    assert known["seeds"] == [0, 7]
    assert known["resources"] == ["lexicon"]
    assert task_data.task.name == facts["task"]


def test_rows_of_a_mean_of_means_are_counted_once(pair: list[Path], tmp_path: Path) -> None:
    other = RunFolder(pair[1])
    facts = other.facts()
    train = facts["data"]["train"]
    facts["data"] |= {"name": "k5", "train": train | {"hash": "0" * 16, "rows": 10}}
    other.write_facts(facts)
    average_runs(pair, tmp_path / "mean")
    average_runs([tmp_path / "mean", *pair], tmp_path / "again")
    mean, again = (RunFolder(tmp_path / name).facts()["data"] for name in ("mean", "again"))
    assert again == mean
    assert again["name"] == f"{RunFolder(pair[0]).facts()['data']['name']} + k5"
    assert again["train"]["hash"] == f"{train['hash']}+{'0' * 16}"
    assert again["train"]["rows"] == train["rows"] + 10


def test_runs_that_do_not_fit_are_refused_with_every_reason(
    runs: dict[str, Path], pair: list[Path], tmp_path: Path
) -> None:
    other = RunFolder(pair[1])
    inventory = json.loads((other.model / "inventory.json").read_bytes())
    inventory["intents"] = dict(reversed(inventory["intents"].items()))
    (other.model / "inventory.json").write_text(json.dumps(inventory))
    config = json.loads((other.model / "config.json").read_bytes())
    config["pooling"] = "first"
    # What training alone reads may differ.
    config |= {"slot_loss": 9.0, "transformers_version": "0"}
    (other.model / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match="cannot be averaged") as caught:
        average_runs([*pair, pair[0], runs["majority"]], tmp_path / "mean")
    told = str(caught.value)
    for part in (
        "one is named twice",
        "a run of kind majority",
        "pooling is 'first'; expected 'mean'",
        "inventory.json: intents is",
    ):
        assert part in told
    assert "slot_loss" not in told
    assert not (tmp_path / "mean").exists()


def test_ids_in_pairs_of_one_run_lend_no_labels_to_another(
    pair: list[Path], tmp_path: Path
) -> None:
    other = RunFolder(pair[1])
    ids = {"share": 0.5, "seed": 0}
    (labels, *_) = other.facts()["resources"]
    pairs = {"resource": "parallel-text", "by": ["store demo"], "ids": ids}
    other.write_facts(other.facts() | {"resources": [labels | {"ids": ids}, pairs]})
    with pytest.raises(ConfigError, match="read ids in pairs") as caught:
        average_runs(pair, tmp_path / "mean")
    assert str(pair[0]) in str(caught.value)


def test_runs_of_two_kinds_are_refused(runs: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="kind is 'seq2seq'; expected 'encoder'"):
        average_runs([runs["encoder"], runs["seq2seq"]], tmp_path / "mean")


def test_text_to_text_runs_are_averaged_too(runs: dict[str, Path], tmp_path: Path) -> None:
    other = shutil.copytree(runs["seq2seq"], tmp_path / "other")
    run = average_runs([runs["seq2seq"], other], tmp_path / "mean")
    before = load_file(other / "model" / "model.safetensors")
    after = load_file(run.model / "model.safetensors")
    assert all(torch.equal(after[name], before[name]) for name in before)


def test_a_taken_directory_and_a_single_run_are_refused(pair: list[Path], tmp_path: Path) -> None:
    with pytest.raises(MassiveKitError, match="holds other files"):
        average_runs(pair, tmp_path)
    with pytest.raises(UsageError, match="two runs or more"):
        average_runs(pair[:1], tmp_path / "mean")


def test_models_in_several_files_keep_their_files_and_formats(tmp_path: Path) -> None:
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))
        value = torch.tensor([256.0 + 2 * number], dtype=torch.bfloat16)
        save_file({"a": value}, folder / "model-1.safetensors")
        save_file({"b": torch.tensor([3])}, folder / "model-2.safetensors")
    out = tmp_path / "mean"
    out.mkdir()
    write_average([WeightFiles.of(tmp_path / "1"), WeightFiles.of(tmp_path / "2")], out)
    whole = load_file(out / "model-1.safetensors") | load_file(out / "model-2.safetensors")
    # 259 is no number of bf16; the nearest even one is.
    assert (whole["a"].dtype, whole["a"].item(), whole["b"].item()) == (torch.bfloat16, 260, 3)
    assert (out / "model.safetensors.index.json").is_file()
    outside = {"weight_map": {"a": "../1/model-1.safetensors"}}
    (out / "model.safetensors.index.json").write_text(json.dumps(outside))
    with pytest.raises(MassiveKitError, match="outside of its folder"):
        WeightFiles.of(out)


def test_the_command_says_what_it_made_and_warns_of_random_starts(
    pair: list[Path], tmp_path: Path
) -> None:
    recipe = RunFolder(pair[1]).recipe_file
    recipe.write_text(recipe.read_text().replace("seed: 0", "seed: 7"))
    result = CliRunner().invoke(app, ["average", *map(str, pair), "--out", str(tmp_path / "mean")])
    assert result.exit_code == 0
    assert "mean of 2 runs" in result.stdout
    assert "random weights of different seeds" in result.stderr


def test_a_folder_of_seeds_is_told_from_a_run(tmp_path: Path) -> None:
    for seed in (0, 1):
        (tmp_path / "runs" / f"seed-{seed}").mkdir(parents=True)
        (tmp_path / "runs" / f"seed-{seed}" / "run.json").write_text("{}")
    with pytest.raises(MissingDataError, match=r"2 seeds .* such as .*seed-0"):
        RunFolder(tmp_path / "runs").facts()
