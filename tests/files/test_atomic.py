"""Files and folders are written whole or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from massive_kit.errors import UsageError
from massive_kit.files.atomic import atomic_file, atomic_folder, refuse_foreign


def test_a_file_takes_its_place_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "new" / "x"
    with atomic_file(path) as stream:
        stream.write(b"one")
        assert not path.exists()
    assert path.read_bytes() == b"one"
    assert [entry.name for entry in path.parent.iterdir()] == ["x"]


def test_a_failed_file_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), atomic_file(path) as stream:
        stream.writelines([b"new", "no bytes"])  # type: ignore[list-item]  # meant to fail
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["x"]


def test_a_folder_takes_its_place_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.mkdir()
    (path / "old").touch()
    with atomic_folder(path) as folder:
        (folder / "new").touch()
        assert [entry.name for entry in path.iterdir()] == ["old"]
    assert [entry.name for entry in path.iterdir()] == ["new"]
    with pytest.raises(FileExistsError), atomic_folder(path) as folder:
        folder.mkdir()
    assert [entry.name for entry in path.iterdir()] == ["new"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["x"]


def test_a_file_in_the_place_of_a_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    with pytest.raises(NotADirectoryError), atomic_folder(tmp_path / "x"):
        pass
    assert (tmp_path / "x").read_bytes() == b"old"


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    refuse_foreign(tmp_path / "no such folder", "marker")
    refuse_foreign(tmp_path, "marker")
    (tmp_path / "precious").touch()
    with pytest.raises(UsageError, match="holds other files"):
        refuse_foreign(tmp_path, "marker")
    (tmp_path / "marker").touch()
    refuse_foreign(tmp_path, "marker")


def test_what_is_in_a_folder_is_as_readable_as_other_files(tmp_path: Path) -> None:
    (tmp_path / "private").write_bytes(b"shared")
    (tmp_path / "private").chmod(0o600)
    before = os.umask(0o022)
    try:
        with atomic_folder(tmp_path / "x") as folder:
            (folder / "inner").mkdir()
            for path in (folder / "made", folder / "inner" / "script"):
                path.touch()
            (folder / "made").chmod(0o600)
            (folder / "inner" / "script").chmod(0o700)
            # Another name of a file that somebody keeps private.
            os.link(tmp_path / "private", folder / "link")
    finally:
        os.umask(before)
    modes = {p.name: p.stat().st_mode & 0o777 for p in (tmp_path / "x").rglob("*") if p.is_file()}
    assert modes == {"made": 0o644, "script": 0o744, "link": 0o600}


def test_several_may_write_one_folder_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "x"
    failures: list[BaseException] = []

    def write(start: threading.Barrier, text: str) -> None:
        try:
            with atomic_folder(path) as folder:
                (folder / "text").write_text(text)
                start.wait()
        except OSError as error:
            failures.append(error)

    for _ in range(40):
        start = threading.Barrier(3)
        writers = [threading.Thread(target=write, args=(start, text)) for text in "abc"]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert failures == []
        assert (path / "text").read_text() in {"a", "b", "c"}
        assert [entry.name for entry in tmp_path.iterdir()] == ["x"]
