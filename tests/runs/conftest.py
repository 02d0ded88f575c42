"""Fixtures of the tests of runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from massive_kit.runs.folder import RunFolder


@pytest.fixture
def pair(runs: dict[str, Path], tmp_path: Path) -> list[Path]:
    """A run, and one of other weights and another seed that used a lexicon."""
    other = RunFolder(shutil.copytree(runs["encoder"], tmp_path / "other"))
    weights = load_file(other.model / "model.safetensors")
    moved = {name: weight + 1 for name, weight in weights.items()}
    save_file(moved, other.model / "model.safetensors")
    facts = other.facts()
    facts["recipe"]["training"]["seed"] = 7
    facts["resources"].append({"resource": "lexicon", "by": ["store mixed"]})
    other.write_facts(facts | {"seconds": 100.0})
    return [runs["encoder"], other.path]
