"""Archives, zip or tar whatever the name says, as files that can be opened again.

Nothing is ever unpacked to a path that an archive names, and sizes are bounded.
"""

from __future__ import annotations

import io
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from massive_kit.data.intake.source_files import SourceFile, plain_name
from massive_kit.data.intake.unpacking import DAMAGE, Allowance, Bounded, plain
from massive_kit.errors import DataError, MissingDataError, Problem
from massive_kit.files.hostile_zip import ZIP_ERRORS, BoundedFile, is_shadow, is_unsafe

MAX_MEMBERS = 10_000
# A member up to this size is held in memory, a larger one on disk.
_SPOOL_BYTES = 4 << 20
_CHUNK = 1 << 20
_TAR_NAMES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_ZIP = b"PK\x03\x04"
_TAR = slice(257, 262)


def is_archive(path: Path) -> bool:
    """Whether a path is called like an archive, or is one."""
    if path.name.endswith((*_TAR_NAMES, ".zip")):
        return True
    if not path.is_file():
        return False
    return _is_zip(path) or _is_tar(path)


def archive_files(path: Path) -> Iterator[SourceFile]:
    """The files of an archive, in its order. What is not closed is kept.

    Raises:
        MissingDataError: It is not there.
        DataError: It is broken, or holds what no data set needs.
    """
    if not path.is_file():
        raise MissingDataError(f"{path}: no such file")
    try:
        yield from _zip_files(path) if _is_zip(path) else _tar_files(path)
    except (tarfile.TarError, *ZIP_ERRORS, *DAMAGE) as error:
        problem = Problem(
            str(path), f"the archive is cut off or broken: {error}", todo="fetch it again"
        )
        raise DataError(f"{path} cannot be read", [problem]) from None


def _is_zip(path: Path) -> bool:
    with path.open("rb") as raw:
        return raw.read(len(_ZIP)) == _ZIP


def _is_tar(path: Path) -> bool:
    try:
        with path.open("rb") as raw, plain(raw, Allowance(str(path), 0)) as stream:
            return stream.read(_TAR.stop)[_TAR] == b"ustar"
    except DAMAGE:
        return False


def _tar_files(path: Path) -> Iterator[SourceFile]:
    allowance = Allowance(str(path), path.stat().st_size)
    with (
        path.open("rb") as raw,
        plain(raw, allowance) as stream,
        # As a stream: a member is read once, in order, and never by an offset it claims.
        tarfile.open(fileobj=stream, mode="r|") as archive,
    ):
        for number, member in enumerate(archive):
            _vet(path, member, number)
            if member.isfile() and not _is_shadow(member.name):
                content = archive.extractfile(member)
                assert content is not None
                yield _kept(path, member.name, content)


def _zip_files(path: Path) -> Iterator[SourceFile]:
    allowance = Allowance(str(path), path.stat().st_size)
    with path.open("rb") as raw, zipfile.ZipFile(BoundedFile(raw)) as archive:
        for number, member in enumerate(archive.infolist()):
            _vet_zipped(path, member, number)
            if not member.is_dir() and not _is_shadow(member.filename):
                with archive.open(member) as content:
                    bounded = io.BufferedReader(Bounded(content, allowance))
                    yield _kept(path, member.filename, bounded)


def _is_shadow(name: str) -> bool:
    # macOS leaves `._name` shadows in archives.
    return is_shadow(name) or any(part.startswith(".") for part in PurePosixPath(name).parts)


def _kept(path: Path, name: str, stream: IO[bytes]) -> SourceFile:
    # A tar stream moves on, so what is read later must be kept.
    kept = tempfile.SpooledTemporaryFile(_SPOOL_BYTES)  # noqa: SIM115 - closed by who takes it
    try:
        while chunk := stream.read(_CHUNK):
            kept.write(chunk)
    except BaseException:
        kept.close()
        raise
    size = kept.tell()

    def opened() -> IO[bytes]:
        return plain(io.BufferedReader(_View(kept)), Allowance(f"{path.name}:{name}", size))

    return SourceFile(f"{path.name}:{name}", plain_name(PurePosixPath(name)), opened, kept.close)


class _View(io.RawIOBase):
    """A kept file from its start; closing it leaves the file open."""

    def __init__(self, kept: tempfile.SpooledTemporaryFile[bytes]) -> None:
        self._kept = kept
        kept.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._kept.seek(offset, whence)
        return self._kept.tell()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any buffer
        data = self._kept.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _vet(path: Path, member: tarfile.TarInfo, number: int) -> None:
    """Refuses an archive that holds what no data set needs."""
    attempt = _attempt(member.name, number)
    if attempt is None and (member.issym() or member.islnk()):
        attempt = f"the member {member.name!r} is a link to {member.linkname!r}"
    elif attempt is None and not (member.isfile() or member.isdir()):
        attempt = f"the member {member.name!r} is neither a file nor a folder"
    elif attempt is None and member.issparse():
        # Its holes are not in the archive, so nothing bounds them.
        attempt = f"the member {member.name!r} is a sparse file"
    if attempt:
        raise _refused(path, attempt)


def _vet_zipped(path: Path, member: zipfile.ZipInfo, number: int) -> None:
    attempt = _attempt(member.filename, number)
    if attempt is None and is_unsafe(member.filename):
        attempt = f"the member {member.filename!r} has a name that misleads"
    elif attempt is None and stat.S_ISLNK(member.external_attr >> 16):
        attempt = f"the member {member.filename!r} is a link"
    elif attempt is None and member.flag_bits & 1:
        attempt = f"the member {member.filename!r} is encrypted"
    if attempt:
        raise _refused(path, attempt)


def _attempt(name: str, number: int) -> str | None:
    pure = PurePosixPath(name.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or (pure.parts and pure.parts[0].endswith(":")):
        return f"the member {name!r} points out of its folder"
    return f"more than {MAX_MEMBERS:,} members" if number >= MAX_MEMBERS else None


def _refused(path: Path, attempt: str) -> DataError:
    problem = Problem(str(path), attempt, "files and folders", "take it from the official source")
    return DataError(f"{path} is refused", [problem])
