"""A folder is kept from others while a block runs, and from being removed while anyone uses it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from massive_kit.files.folder_lock import locked_folder, remove_unlocked

HOLDS = """
import sys, time
from pathlib import Path
from massive_kit.files.folder_lock import locked_folder
with locked_folder(Path(sys.argv[1])):
    print("holds", flush=True)
    time.sleep(60)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked")


def test_a_killed_process_holds_no_lock(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"holds\n"
        with pytest.raises(BlockingIOError), locked_folder(tmp_path):
            pass
        other.kill()
    with locked_folder(tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_empty_folders_that_were_made_for_the_block_go(tmp_path: Path) -> None:
    with locked_folder(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b").is_dir()
    assert not list(tmp_path.iterdir())
    with locked_folder(tmp_path / "a" / "b"):
        (tmp_path / "a" / "kept").touch()
    assert [*tmp_path.rglob("*")] == [tmp_path / "a", tmp_path / "a" / "kept"]


def test_the_last_of_those_who_share_a_folder_removes_it(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    with locked_folder(folder, shared=True):
        with locked_folder(folder, shared=True):
            (folder / "file").touch()
        remove_unlocked(folder)
        assert (folder / "file").exists()
        with pytest.raises(BlockingIOError), locked_folder(folder):
            pass
    remove_unlocked(folder)
    remove_unlocked(folder)
    assert not list(tmp_path.iterdir())
