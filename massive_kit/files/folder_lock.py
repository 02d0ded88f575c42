"""Folders that processes keep for themselves, or for those alone that do the same."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl


@contextmanager
def locked_folder(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Locks a folder while the block runs; makes it where it is not there.

    The folder itself is locked, so that no file of the lock is left in it or copied with it, and
    the lock of a process that was killed goes with that process. Where folders cannot be locked,
    as on Windows, nothing is kept from other processes. Folders that were made for the block and
    are empty after it are removed.

    Args:
        path: The folder.
        shared: Whether others may hold it shared at the same time. A shared lock is waited for.

    Raises:
        BlockingIOError: Another process holds the folder, and this lock is not a shared one.
    """
    new_folders = [folder for folder in (path, *path.parents) if not folder.exists()]
    handle = _made_and_locked(path, shared=shared)
    try:
        yield
    finally:
        # While the lock holds: others that get it must not lose the folder.
        if handle is None or _lock(handle, wait=False):
            with suppress(OSError):
                for folder in new_folders:
                    folder.rmdir()
        if handle is not None:
            os.close(handle)


def remove_unlocked(path: Path) -> None:
    """Removes a folder with all that is in it, unless a process has locked it."""
    if sys.platform == "win32":
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(FileNotFoundError, NotADirectoryError):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if _lock(handle, wait=False):
                shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(handle)


def _made_and_locked(path: Path, *, shared: bool) -> int | None:
    """The open folder, locked until it is closed; `None` where folders cannot be opened."""
    while True:
        path.mkdir(parents=True, exist_ok=True)
        if sys.platform == "win32":
            return None
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            # Another process has just removed it.
            continue
        if not _lock(handle, shared=shared, wait=shared):
            os.close(handle)
            raise BlockingIOError(f"{path} is locked by another process")
        if _is_still_there(path, handle):
            return handle
        os.close(handle)


def _lock(handle: int, *, shared: bool = False, wait: bool) -> bool:
    """Locks an open folder; whether nobody else has a lock that forbids it."""
    if sys.platform == "win32":
        return True
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(handle, kind if wait else kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # Some network file systems have no locks.
        return True
    return True


def _is_still_there(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
