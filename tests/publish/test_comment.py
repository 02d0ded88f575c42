"""The comment on a pull request compares a new system as the board does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from massive_kit.publish.comment import comment
from massive_kit.publish.results import load_results
from tests.publish.boards import manifest


@pytest.fixture
def results(board_root: Path, tmp_path: Path) -> Path:
    """Two systems, one of them in an old version with the better scores and in a new one."""
    for source, name, date in (
        ("good", "old/1", "2026-01-02"),
        ("poor", "old/2", "2026-01-03"),
        ("middle", "new/1", "2026-01-02"),
        ("also-middle", "new/2", "2026-01-03"),
    ):
        folder = tmp_path / name
        shutil.copytree(board_root / "results" / source / "1.0", folder)
        manifest(folder, folder.parent.name, folder.name, date=date)
    return tmp_path


def test_only_the_newest_version_of_each_other_system_is_a_rival(results: Path) -> None:
    entries = {entry.key: entry for entry in load_results(results)}
    for name in ("new@1", "new@2"):
        text = comment(entries[name], [*entries.values()])
        assert "place 1 of 2" in text
        assert "| System old 2 |" in text
        assert "System old 1" not in text
        assert text.count("System new") == 1
    own = [entries["new@1"], entries["new@2"]]
    assert "It is the first system on this task and setting." in comment(own[1], own)
