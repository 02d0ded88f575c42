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

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # a module or nothing


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
    old = new.with_name(new.name + ".old")
    try:
        yield new
        _open_to_readers(new)
        with _alone_in(path.parent):
            if path.exists():
                path.rename(old)
            new.rename(path)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        if old.exists() and not path.exists():
            old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keeps other writers from putting a folder into the place of one that was just moved away."""
    if fcntl is None:
        yield
        return
    # Of the folder itself, so that no file of locks is left behind; closing it lets go.
    handle = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems have no locks, and are written to without one.
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


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
