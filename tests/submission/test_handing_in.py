"""What the board takes: bundles, runs, folders and files, each with what is known of the system."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from massive_kit.errors import ConfigError, UsageError
from massive_kit.files.jsonio import read_json, write_json
from massive_kit.submission.submission_intake import HandedIn, handed_in

FACTS = {
    "system": "mine",
    "version": "1",
    "title": "Mine",
    "team": "We",
    "date": "2026-01-31",
    "architecture": "decoder",
}
SAID = tuple(f"{key}={value}" for key, value in FACTS.items())


def take(path: Path, **options: Any) -> HandedIn:
    with handed_in(path, **options) as what:
        return what


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run directory as training and predicting leave it."""
    folder = tmp_path / "Tiny-Run"
    (folder / "predictions").mkdir(parents=True)
    facts = {
        "kind": "encoder",
        "title": "A tiny encoder",
        "parameters": 12_345,
        "parameters_without_embeddings": 2_345,
        "ended": "2026-03-04T23:59:59+00:00",
        "recipe": {"model": {"base": "xlm-roberta-base"}, "training": {"seed": 3}},
        "data": {"name": "1.1"},
    }
    write_json(folder / "run.json", facts)
    for name in ("massive-zeroshot-1.1-test", "massive-zeroshot-strict-1.1-test", "en-US-1.1-test"):
        (folder / "predictions" / f"{name}.jsonl.gz").write_bytes(b"")
    return folder


def test_a_run_knows_its_system(run: Path) -> None:
    what = take(run, task="massive-zeroshot", overrides=("team=We",))
    assert [path.name for path in what.files] == ["massive-zeroshot-1.1-test.jsonl.gz"]
    said = what.manifest
    assert (said.system, said.version, said.title) == ("tiny-run", "1", "A tiny encoder")
    assert (said.task, said.setting) == ("massive-zeroshot", "zero-shot")
    assert (said.parameters.total, said.parameters.without_embeddings) == (12_345, 2_345)
    assert said.seeds == [3]
    assert (said.date, said.architecture) == (dt.date(2026, 3, 4), "encoder")
    assert said.pretrained_model == "xlm-roberta-base"


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


def test_a_file_with_options(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"")
    what = take(path, task="demo-full", overrides=SAID)
    assert what.files == (path,)
    assert what.manifest.setting == "full"
    assert what.manifest.architecture == "decoder"
    assert what.manifest.parameters.total is None
    assert take(path, overrides=(*SAID, "task=demo-full")).task.name == "demo-full"


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"")
    with pytest.raises(UsageError, match="which task"):
        take(path, overrides=SAID)
    with pytest.raises(ConfigError) as caught:
        take(path, task="demo-full", overrides=("system=mine",))
    assert caught.value.exit_code == 1
    words = str(caught.value)
    assert len(caught.value.problems) == 5
    for key in ("version", "title", "team", "date", "architecture"):
        assert f"the key {key!r} is missing" in words
        assert f"-o {key}=" in words
    assert "one of encoder, seq2seq, decoder, other" in words
    with pytest.raises(UsageError, match="--manifest") as nothing:
        take(tmp_path, task="demo-full")
    for key in FACTS:
        assert f"-o {key}=..." in str(nothing.value)


@pytest.mark.parametrize("key", FACTS)
def test_no_required_fact_is_made_up(tmp_path: Path, key: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"")
    rest = [f"{name}={value}" for name, value in FACTS.items() if name != key]
    with pytest.raises(ConfigError) as caught:
        take(path, task="demo-full", overrides=rest)
    (problem,) = caught.value.problems
    assert f"-o {key}=" in str(problem)
