"""What the board takes: bundles, runs, folders and files, each with what is known of the system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from massive_kit.errors import ConfigError, UsageError
from massive_kit.files.jsonio import write_json
from massive_kit.submission.submission_intake import HandedIn, handed_in

SAID = ("system=mine", "version=1", "title=Mine", "team=We")


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
        "recipe": {"model": {"base": "xlm-roberta-base"}, "training": {"seed": 3}},
        "data": {"name": "1.1"},
    }
    write_json(folder / "run.json", facts)
    for name in ("massive-zeroshot-1.1-test", "massive-zeroshot-strict-1.1-test", "en-US-1.1-test"):
        (folder / "predictions" / f"{name}.jsonl.gz").write_bytes(b"")
    return folder


def test_a_run_knows_its_system(run: Path) -> None:
    what = take(run, task="massive-zeroshot")
    assert [path.name for path in what.files] == ["massive-zeroshot-1.1-test.jsonl.gz"]
    said = what.manifest
    assert (said.system, said.version, said.title) == ("tiny-run", "1", "A tiny encoder")
    assert (said.task, said.setting) == ("massive-zeroshot", "zero-shot")
    assert (said.parameters.total, said.seeds) == (12_345, [3])
    assert said.pretrained_model == "xlm-roberta-base"


def test_options_go_before_what_a_run_knows(run: Path) -> None:
    what = take(run, task="massive-zeroshot-strict", overrides=("system=other", "seeds=[0]"))
    assert [path.name for path in what.files] == ["massive-zeroshot-strict-1.1-test.jsonl.gz"]
    assert what.manifest.system == "other"
    assert what.manifest.seeds == [0]


def test_a_run_without_predictions_says_how_to_make_them(run: Path) -> None:
    with pytest.raises(UsageError, match=r"massive-kit eval .* --task massive-full"):
        take(run, task="massive-full")


def test_a_file_with_options(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"")
    what = take(path, task="demo-full", overrides=SAID)
    assert what.files == (path,)
    assert what.manifest.setting == "full"
    assert take(path, overrides=(*SAID, "task=demo-full")).task.name == "demo-full"


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"")
    with pytest.raises(UsageError, match="which task"):
        take(path, overrides=SAID)
    with pytest.raises(ConfigError) as caught:
        take(path, task="demo-full", overrides=("system=mine",))
    assert len(caught.value.problems) == 3
    with pytest.raises(UsageError, match="--manifest"):
        take(tmp_path, task="demo-full")
