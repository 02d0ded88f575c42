"""Raw sources: an archive, a folder or one file, as files that can be opened again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO

from massive_kit.data.intake.archives import archive_files, is_archive
from massive_kit.data.intake.source_files import SourceFile, plain_name
from massive_kit.data.intake.unpacking import Allowance, plain
from massive_kit.errors import MissingDataError


def source_files(path: Path, only: Sequence[Path] | None = None) -> Iterator[SourceFile]:
    """All files of an archive or folder, or the one file; a folder's sorted by name.

    Hidden files are not among them.

    Args:
        path: The archive, folder or file.
        only: Of a folder, only these files.

    Raises:
        MissingDataError: There is nothing at `path`.
        DataError: An archive is broken, or holds what no data set needs.
    """
    if path.is_dir():
        for file in sorted(path.rglob("*") if only is None else only):
            within = file.relative_to(path)
            if not any(part.startswith(".") for part in within.parts) and file.is_file():
                yield _on_disk(file, PurePosixPath(within))
    elif is_archive(path):
        yield from archive_files(path)
    elif path.is_file():
        yield _on_disk(path, PurePosixPath(path.name))
    else:
        raise MissingDataError(f"{path}: no such file or folder")


def _on_disk(path: Path, within: PurePosixPath) -> SourceFile:
    def opened() -> IO[bytes]:
        return plain(path.open("rb"), Allowance(str(path), path.stat().st_size))

    return SourceFile(str(path), plain_name(within), opened)
