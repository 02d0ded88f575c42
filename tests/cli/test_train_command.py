"""`train`, `search` and `push` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from massive_kit import content
from massive_kit.cli import extras
from massive_kit.cli.app import app
from massive_kit.errors import (
    ConfigError,
    MassiveKitError,
    MissingDataError,
    MissingExtraError,
    UsageError,
)

DEMO = ["--task", "demo-full", "--data", "demo"]


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def test_a_dry_run_prints_the_recipe_and_the_rows_and_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "run"
    text = run("train", "tiny", *DEMO, "--out", str(out), "--dry-run", "-o", "optimiser.lr=1e-5")
    assert "lr: 1.0e-05" in text
    assert "# train: " in text
    assert not out.exists()


def test_a_dry_run_needs_no_folder_and_a_run_does() -> None:
    assert "# train: " in run("train", "tiny", *DEMO, "--dry-run")
    with pytest.raises(UsageError, match="--out"):
        run("train", "tiny", *DEMO)


def test_several_seeds_are_several_runs_and_0_is_one(tmp_path: Path) -> None:
    out = tmp_path / "runs"
    run("train", "majority", *DEMO, "--out", str(out), "--seeds", "0,1")
    for seed in (0, 1):
        assert json.loads((out / f"seed-{seed}" / "run.json").read_text())["kind"] == "majority"


@pytest.mark.parametrize("seeds", ["a", "0,0", "-1", "", "99999999999"])
def test_seeds_are_different_numbers_from_0(seeds: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--seeds"):
        run("train", "majority", *DEMO, "--out", str(tmp_path / "x"), "--seeds", seeds)


def test_one_of_task_and_text_is_needed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--task"):
        run("predict", str(tmp_path))


def test_only_a_finished_run_is_pushed(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="not a run directory"):
        run("push", str(tmp_path), "me/model")


def test_a_hub_that_is_out_of_reach_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    run("train", "majority", *DEMO, "--out", str(out))

    class UnreachableError(Exception):
        """As of the hub's HTTP client, which is another one with each release."""

    def refuse(*_: object, **__: object) -> None:
        raise UnreachableError("Name or service not known")

    monkeypatch.setattr("huggingface_hub.HfApi.create_repo", refuse)
    with pytest.raises(MassiveKitError, match="the upload failed: Name or service not known"):
        run("push", str(out), "me/model")


def test_a_missing_extra_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"massive-kit\[train\]"):
        extras.require_extra("train", "training")


def test_baselines_are_listed_with_kind_and_title() -> None:
    rows = json.loads(run("ls", "baselines", "--format", "json"))
    assert {"majority", "encoder", "seq2seq"} <= {row["kind"] for row in rows}


def test_few_shot_training_takes_the_store_that_data_sample_wrote(tmp_path: Path) -> None:
    run("data", "sample", "--data", "demo", "--name", "demo-k2", "--per-intent", "2")
    task = tmp_path / "few.yaml"
    values = yaml.safe_load(content.find("tasks", "massive-few-shot").read_text())
    task.write_text(yaml.safe_dump(values | {"data": ["demo-k2"]}))
    out = tmp_path / "run"
    run("train", "majority", "--task", str(task), "--out", str(out))
    facts = json.loads((out / "run.json").read_text())
    assert facts["setting"] == "few-shot"
    assert facts["data"]["name"] == "demo-k2"
    # Two rows of each of the 26 intents in 51 languages; the dev rows are those of the whole store.
    assert facts["data"]["train"]["rows"] == 2 * 26 * 51
    assert facts["data"]["dev"]["rows"] == 104 * 51
    with pytest.raises(ConfigError, match="massive-kit data sample"):
        run("train", "majority", "--task", str(task), "--data", "demo", "--out", str(out / "x"))
    assert not (out / "x").exists()
    with pytest.raises(MissingDataError, match=r"data sample .*--name 1\.1-k5"):
        run("train", "majority", "--task", "massive-few-shot", "--out", str(tmp_path / "other"))


def test_training_rows_may_come_from_another_store(tmp_path: Path) -> None:
    run("data", "sample", "--data", "demo", "--name", "demo-k1", "--per-intent", "1")
    out = tmp_path / "run"
    run("train", "majority", *DEMO, "--train-data", "demo-k1", "--out", str(out))
    data = json.loads((out / "run.json").read_text())["data"]
    assert data["train"]["store"] == "demo-k1"
    assert data["name"] == "demo"
    assert data["train"]["rows"] < data["dev"]["rows"]


def test_a_dry_run_refuses_what_training_would(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="objective that does not exist"):
        run("train", "tiny", *DEMO, "--dry-run", "-o", "objective.name=foo")
    base = tmp_path / "full"
    run("train", "majority", *DEMO, "--out", str(base))
    over = ["-o", f"model.base={base}", "-o", "model.config=null", "-o", "model.tokenizer=null"]
    with pytest.raises(ConfigError, match="a run of kind majority"):
        run("train", "tiny", "--task", "demo-zeroshot", "--data", "demo", "--dry-run", *over)
    task = ("--task", "demo-zeroshot-open", "--data", "demo")
    with pytest.raises(MissingDataError, match="has no nosuch text"):
        run("train", "tiny", *task, "--dry-run", "-o", "inference.centring.partition=nosuch")


def test_missing_training_data_is_told_as_a_sample() -> None:
    with pytest.raises(MissingDataError, match="data sample --data demo --name demo-k7"):
        run("train", "majority", *DEMO, "--train-data", "demo-k7", "--dry-run")
