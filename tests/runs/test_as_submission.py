"""A run handed to the board: what it knows of its system, and which predictions are found."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from massive_kit.data.derivation import derive
from massive_kit.data.derive.sample import Sample
from massive_kit.data.store import Store
from massive_kit.data.task_data import lay_task
from massive_kit.errors import ConfigError, MissingDataError, UsageError
from massive_kit.files.jsonio import read_json, write_json
from massive_kit.runs.as_submission import known_of_run, open_run_or_submission
from massive_kit.runs.folder import made_by_file
from massive_kit.runs.training import train_run
from massive_kit.schema.task import load_task
from massive_kit.submission.submission_intake import Submission
from massive_kit.systems.recipes import parse_recipe


def take(path: Path, **options: Any) -> Submission:
    with open_run_or_submission(path, **options) as submission:
        return submission


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run directory as training and predicting left it before each task had a folder."""
    folder = tmp_path / "Tiny-Run"
    (folder / "predictions").mkdir(parents=True)
    facts = {
        "kind": "encoder",
        "title": "A tiny encoder",
        "parameters": 12_345,
        "parameters_without_embeddings": 2_345,
        "ended": "2026-03-04T23:59:59+00:00",
        "recipe": {"model": {"base": "xlm-roberta-base"}, "training": {"seed": 3}},
        "task": "massive-full",
        "data": {"name": "1.1", "train": {"locales": ["en-US"]}},
        "versions": {},
        "seconds": 1.0,
    }
    write_json(folder / "run.json", facts)
    for name in ("massive-zeroshot-1.1-test", "massive-zeroshot-strict-1.1-test", "en-US-1.1-test"):
        (folder / "predictions" / f"{name}.jsonl.gz").write_bytes(b"")
    return folder


def test_a_run_knows_its_system(run: Path) -> None:
    what = take(run, task="massive-zeroshot", overrides=("team=We",))
    assert [path.name for path in what.files] == ["massive-zeroshot-1.1-test.jsonl.gz"]
    assert what.origin == (
        f"takes what {run} predicted ({what.files[0]});"
        f" massive-kit eval {run} --task massive-zeroshot --again predicts anew"
    )
    manifest = what.manifest
    assert (manifest.system, manifest.version, manifest.title) == (
        "tiny-run",
        "1",
        "A tiny encoder",
    )
    assert (manifest.task, manifest.setting) == ("massive-zeroshot", "zero-shot")
    assert (manifest.parameters.total, manifest.parameters.without_embeddings) == (12_345, 2_345)
    assert manifest.seeds == [3]
    assert (manifest.date, manifest.architecture) == (dt.date(2026, 3, 4), "encoder")
    assert manifest.pretrained_model == "xlm-roberta-base"


COST: dict[str, Any] = {
    "data": "1.1",
    "partition": "test",
    "locales": ["en-US"],
    "scripts": ["Latn"],
    "utterances": 2,
    "repetitions": 1,
    "warm_up": 0,
    "threads": 1,
    "batch": 32,
    "machine": {"machine": "x86_64", "cores": 2},
    "versions": {},
    "systems": [
        {
            "name": name,
            "title": "T",
            "kind": "onnx_encoder",
            "precision": "int8",
            "model_bytes": size,
            "peak_memory_mib": 300.5,
            "cold_start_seconds": 1.5,
            "latency": {"p50": 4.25, "p99": 12.5},
            "utterances_per_second": 150,
        }
        for name, size in (("Tiny-Run", 39_400_000), ("other", 1))
    ],
}


def test_the_day_of_kept_predictions_is_said(run: Path) -> None:
    (file,) = take(run, task="massive-zeroshot", overrides=("team=We",)).files
    write_json(made_by_file(file), {"day": "2026-05-06"})
    origin = take(run, task="massive-zeroshot", overrides=("team=We",)).origin
    assert origin is not None
    assert f"predicted on 2026-05-06 ({file})" in origin


def test_what_was_measured_stands_in_the_manifest(run: Path, tmp_path: Path) -> None:
    cost = tmp_path / "cost.json"
    write_json(cost, COST)
    options: dict[str, Any] = {"task": "massive-zeroshot", "cost": cost}
    what = take(run, **options, overrides=("team=We",)).manifest.measured
    assert what is not None
    assert what.model_dump() == {
        "backend": "onnx_encoder",
        "precision": "int8",
        "machine": "cores 2, machine x86_64",
        "model_bytes": 39_400_000,
        "peak_memory_mib": 300.5,
        "cold_start_seconds": 1.5,
        "latency_p50_ms": 4.25,
        "latency_p99_ms": 12.5,
        "utterances_per_second": 150,
    }
    by_hand = take(run, **options, overrides=("team=We", "measured.model_bytes=5"))
    assert by_hand.manifest.measured is not None
    assert by_hand.manifest.measured.model_bytes == 5
    assert by_hand.manifest.measured.precision == "int8"


def test_a_cost_of_other_systems_is_refused(run: Path, tmp_path: Path) -> None:
    cost = tmp_path / "cost.json"
    options: dict[str, Any] = {"task": "massive-zeroshot", "cost": cost, "overrides": ("team=We",)}
    with pytest.raises(MissingDataError, match="massive-kit measure RUN"):
        take(run, **options)
    write_json(cost, COST | {"systems": [system | {"name": "x"} for system in COST["systems"]]})
    with pytest.raises(UsageError, match="has measured x, x, and not Tiny-Run or tiny-run"):
        take(run, **options)
    for wrong in (b"[]", b"{", b'{"format": 2}'):
        cost.write_bytes(wrong)
        with pytest.raises(ConfigError):
            take(run, **options)


def test_options_go_before_what_a_run_knows(run: Path) -> None:
    what = take(
        run, task="massive-zeroshot-strict", overrides=("system=other", "seeds=[0]", "team=We")
    )
    assert [path.name for path in what.files] == ["massive-zeroshot-strict-1.1-test.jsonl.gz"]
    assert what.manifest.system == "other"
    assert what.manifest.seeds == [0]


def test_a_run_without_predictions_says_how_to_make_them(run: Path) -> None:
    with pytest.raises(UsageError, match=r"massive-kit eval .* --task massive-full"):
        take(run, task="massive-full", overrides=("team=We",))


def test_who_trained_a_run_must_be_said(run: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        take(run, task="massive-zeroshot")
    (problem,) = caught.value.problems
    assert "'team' is missing" in problem.found
    assert "-o team='My team'" in str(problem)


def test_a_run_that_does_not_say_when_it_ended_must_be_told(run: Path) -> None:
    facts = read_json(run / "run.json")
    del facts["ended"]
    write_json(run / "run.json", facts)
    with pytest.raises(ConfigError, match="-o date=2026-01-31"):
        take(run, task="massive-zeroshot", overrides=("team=We",))


def test_the_architecture_of_an_unknown_kind_must_be_said(run: Path) -> None:
    write_json(run / "run.json", read_json(run / "run.json") | {"kind": "not-installed"})
    with pytest.raises(ConfigError, match="-o architecture="):
        take(run, task="massive-zeroshot", overrides=("team=We",))
    given = take(run, task="massive-zeroshot", overrides=("team=We", "architecture=other"))
    assert given.manifest.architecture == "other"


def test_a_run_knows_how_many_labels_a_sample_has(demo_store: Store, tmp_path: Path) -> None:
    sample = derive(demo_store, Sample(per_intent=3), tmp_path / "k3", name="k3").store
    recipe = parse_recipe({"kind": "majority", "title": "majority"}, "majority")
    made = [
        train_run(recipe, lay_task(load_task("demo-full"), store), tmp_path / f"run{store.name}")
        for store in (sample, demo_store)
    ]
    assert [known_of_run(run).get("shots") for run in made] == [3, None]
