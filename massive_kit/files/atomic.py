"""Writing files and folders so that nothing half-written is ever seen."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from massive_kit.errors import UsageError

# How often a folder is moved out of the way at most, where others write the same one at once.
_TRIES = 100


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that takes the place of `path` only when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes files private; a result is as readable as any other file.
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def refuse_foreign(path: Path, marker: str) -> None:
    """Refuses a folder that `atomic_folder` would empty although something else made it.

    Args:
        path: The folder to write.
        marker: A file that an earlier call left in it.

    Raises:
        UsageError: It holds something, and not the marker.
    """
    if path.is_dir() and any(path.iterdir()) and not (path / marker).is_file():
        raise UsageError(f"{path} holds other files; name a new or empty folder")


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """An empty folder that takes the place of `path` only when the block ends well.

    Raises:
        NotADirectoryError: A file is in its place; it stays.
    """
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "a file is in the place of the folder", str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    moved: list[Path] = []
    try:
        yield new
        _open_to_readers(new)
        _put_in_place(new, path, moved)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        if moved and not path.exists():
            moved.pop().rename(path)
        raise
    finally:
        for old in moved:
            shutil.rmtree(old, ignore_errors=True)


def _put_in_place(new: Path, path: Path, moved: list[Path]) -> None:
    """Renames a folder; what is in its place is moved away first, and listed in `moved`.

    Another process may put its own there between the two; of several the last one stays.
    """
    for number in range(_TRIES):
        old = new.with_name(f"{new.name}.old{number}")
        with suppress(FileNotFoundError):
            path.rename(old)
            moved.append(old)
        try:
            new.rename(path)
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST} or number == _TRIES - 1:
                raise
        else:
            return


def _open_to_readers(folder: Path) -> None:
    """Gives a private folder the permissions of any other, and files that a library made private.

    Files with other names stay as they are there.
    """
    mask = _umask()
    folder.chmod(0o777 & ~mask)
    for path in folder.rglob("*"):
        facts = path.lstat()
        if stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1:
            path.chmod(stat.S_IMODE(facts.st_mode) | (0o666 & ~mask))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
