"""Raw sources: the official archive, a folder of JSONL or Parquet, or one file, as named streams.

Nothing is ever unpacked to a path that an archive names, and sizes are bounded: an archive from
anywhere can be opened.
"""

from __future__ import annotations

import gzip
import io
import logging
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from massive_kit.data.intake.formats import DEFAULT, format_of, suffixes
from massive_kit.errors import DataError, MissingDataError, Problem

log = logging.getLogger(__name__)

# The official archive grows 6-fold when unpacked, rows with judgments 16-fold.
MAX_RATIO = 100
# What any archive may unpack to, however small it is.
FREE_BYTES = 1 << 28
MAX_MEMBERS = 10_000
# A member up to this size is held in memory, a larger one on disk, until a worker takes it.
_SPOOL_BYTES = 32 << 20
_CHUNK = 1 << 20
_ARCHIVES = (".tar.gz", ".tgz", ".tar")


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file of a source.

    Attributes:
        name: As it is called in messages.
        format: The name of its format, a module of `massive_kit.data.intake.formats`.
        open: Gives its plain (decompressed) bytes as a stream, once; the caller closes it.
    """

    name: str
    format: str
    open: Callable[[], IO[bytes]]


def raw_files(path: Path, only: Sequence[Path] | None = None) -> Iterator[RawFile]:
    """The files of an archive or folder, or the one file; a folder's sorted by name.

    Args:
        path: The archive, folder or file.
        only: Of a folder, only these files.

    Raises:
        MissingDataError: There is nothing to read at `path`.
        DataError: An archive is broken, or holds what no data set needs.
    """
    if path.is_dir():
        files = sorted(path.rglob("*") if only is None else only)
        data_files = [file for file in files if file.is_file() and format_of(file.name)]
        if not data_files:
            *most, last = suffixes()
            raise MissingDataError(f"{path} holds no {', '.join(most)} or {last} file")
        for file in data_files:
            yield _plain_file(file)
    elif path.name.endswith(_ARCHIVES):
        if not path.is_file():
            raise MissingDataError(f"{path}: no such file")
        yield from _members(path)
    elif path.is_file():
        yield _plain_file(path)
    else:
        raise MissingDataError(f"{path}: no such file or folder")


def _plain_file(path: Path) -> RawFile:
    def opened() -> IO[bytes]:
        if path.suffix == ".gz":
            limit = _limit(path.stat().st_size)
            return io.BufferedReader(_Bounded(gzip.open(path), limit, str(path)), _CHUNK)
        return path.open("rb")

    return RawFile(str(path), format_of(path.name) or DEFAULT, opened)


def _members(path: Path) -> Iterator[RawFile]:
    limit = _limit(path.stat().st_size)
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            plain = gzip.GzipFile(fileobj=raw) if zipped else raw
            bounded = _Bounded(plain, limit, str(path))
            # As a stream: a member is read once, in order, and never by an offset it claims.
            with tarfile.open(fileobj=bounded, mode="r|") as archive:
                for number, member in enumerate(archive):
                    _vet(path, member, number)
                    name = PurePosixPath(member.name).name
                    file_format = format_of(name)
                    if member.isfile() and file_format:
                        stream = archive.extractfile(member)
                        assert stream is not None
                        yield _spooled(f"{path.name}:{member.name}", file_format, stream, limit)
                    elif member.isfile():
                        log.info("%s: %s is not a data file", path, member.name)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        problem = Problem(
            str(path), f"the archive is cut off or broken: {error}", todo="fetch it again"
        )
        raise DataError(f"{path} cannot be read", [problem]) from None


def _spooled(name: str, file_format: str, stream: IO[bytes], limit: int) -> RawFile:
    # A tar stream moves on, so what a worker reads later must be kept.
    kept = tempfile.SpooledTemporaryFile(_SPOOL_BYTES)  # noqa: SIM115 - its reader closes it
    try:
        while chunk := stream.read(_CHUNK):
            kept.write(chunk)
    except BaseException:
        kept.close()
        raise
    kept.seek(0)

    def opened() -> IO[bytes]:
        if not name.endswith(".gz"):
            return kept
        return io.BufferedReader(_Bounded(gzip.GzipFile(fileobj=kept), limit, name), _CHUNK)

    return RawFile(name, file_format, opened)


def _vet(path: Path, member: tarfile.TarInfo, number: int) -> None:
    """Refuses an archive that holds what no data set needs."""
    pure = PurePosixPath(member.name.replace("\\", "/"))
    attempt = None
    if pure.is_absolute() or ".." in pure.parts or (pure.parts and pure.parts[0].endswith(":")):
        attempt = f"the member {member.name!r} points out of its folder"
    elif member.issym() or member.islnk():
        attempt = f"the member {member.name!r} is a link to {member.linkname!r}"
    elif not (member.isfile() or member.isdir()):
        attempt = f"the member {member.name!r} is neither a file nor a folder"
    elif number >= MAX_MEMBERS:
        attempt = f"more than {MAX_MEMBERS:,} members"
    if attempt:
        todo = "take it from the official source"
        problem = Problem(str(path), attempt, "files and folders", todo)
        raise DataError(f"{path} is refused", [problem])


def _limit(compressed: int) -> int:
    return max(FREE_BYTES, compressed * MAX_RATIO)


class _Bounded(io.RawIOBase):
    """A stream that stops with an error once it has given more than a limit."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, limit: int, name: str) -> None:
        self._stream = stream
        self._left = limit
        self._limit = limit
        self._name = name

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size if size >= 0 else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            problem = Problem(
                self._name,
                f"unpacks to more than {self._limit:,} bytes, {MAX_RATIO} times its size",
                todo="if it is right, unpack it and import the folder",
            )
            raise DataError(f"{self._name} is refused", [problem])
        return data

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any buffer
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
