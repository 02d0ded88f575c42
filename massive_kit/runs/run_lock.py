"""A run directory is trained in by one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from massive_kit.errors import MassiveKitError
from massive_kit.files.folder_lock import locked_folder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keeps a run directory for this process while the block runs, as `locked_folder` does.

    Raises:
        MassiveKitError: Another process trains in it.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(locked_folder(path))
        except BlockingIOError:
            raise MassiveKitError(
                f"another process trains in {path}; wait until it has ended, or choose another"
                " --out"
            ) from None
        yield
