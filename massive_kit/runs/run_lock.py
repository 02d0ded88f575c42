"""A run directory is trained in by one process at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from massive_kit.errors import MassiveKitError

if sys.platform != "win32":
    import fcntl


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keeps a run directory for this process while the block runs; makes it where it is not there.

    The directory itself is locked, so that no file of the lock is left in it or copied with it, and
    the lock of a process that was killed goes with that process. Where directories cannot be
    locked, as on Windows, nothing is kept from other processes. Folders that were made for the
    block and are empty after it are removed.

    Raises:
        MassiveKitError: Another process trains in it.
    """
    new_folders = [folder for folder in (path, *path.parents) if not folder.exists()]
    handle = _locked_handle(path)
    try:
        yield
    finally:
        # Before others may lock it: a folder that they hold must not vanish.
        with suppress(OSError):
            for folder in new_folders:
                folder.rmdir()
        if handle is not None:
            os.close(handle)


def _locked_handle(path: Path) -> int | None:
    """The open directory, which is locked until it is closed; `None` where there are no locks."""
    while True:
        path.mkdir(parents=True, exist_ok=True)
        if sys.platform == "win32":
            return None
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            # Another process has removed what it had made.
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise MassiveKitError(
                f"another process trains in {path}; wait until it has ended, or choose another"
                " --out"
            ) from None
        except OSError:
            # Some network file systems have no locks.
            os.close(handle)
            return None
        if _is_still_there(path, handle):
            return handle
        os.close(handle)


def _is_still_there(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
