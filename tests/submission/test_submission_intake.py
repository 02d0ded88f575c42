"""What the board takes: bundles, folders and files, each with what is known of the system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from massive_kit.errors import ConfigError, UsageError
from massive_kit.submission.submission_intake import Submission, open_submission

FACTS = {
    "system": "mine",
    "version": "1",
    "title": "Mine",
    "team": "We",
    "date": "2026-01-31",
    "architecture": "decoder",
}
SAID = tuple(f"{key}={value}" for key, value in FACTS.items())


def take(path: Path, **options: Any) -> Submission:
    with open_submission(path, **options) as submission:
        return submission


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
