"""The files of a bundle, whether it is a folder, a zip or a tar of one."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO

from massive_kit.errors import MissingDataError, Problem, SubmissionError
from massive_kit.files.hostile_gzip import MAGIC, GzipError, gathered, unpacked
from massive_kit.files.hostile_tar import TarError, is_tar, tar_members
from massive_kit.files.hostile_zip import CHUNK, ZIP_ERRORS, BoundedFile

MANIFEST, PREDICTIONS = "manifest.yaml", "predictions.jsonl.gz"
SIGNATURE, SUMS = "signature.txt", "SHA256SUMS"
FILES = (MANIFEST, PREDICTIONS, SIGNATURE, SUMS)
MAX_BYTES = {MANIFEST: 1 << 20, PREDICTIONS: 1 << 29, SIGNATURE: 1 << 12, SUMS: 1 << 12}
# Ends of names of bundles that are one file.
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
# Headers and padding, beside the files.
_MORE_OF_TAR = 1 << 20


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """The folder of a bundle; an archive's files are taken out for the time of the block.

    Raises:
        MissingDataError: There is nothing there.
        SubmissionError: It is neither a folder nor a readable zip or tar.
    """
    if path.is_dir():
        yield path
        return
    if not path.is_file():
        raise MissingDataError(f"{path}: no such folder, zip or tar")
    with tempfile.TemporaryDirectory() as temporary:
        with path.open("rb") as stream:
            try:
                _extract(path, stream, Path(temporary))
            except (*ZIP_ERRORS, TarError, GzipError) as error:
                problem = Problem(str(path), str(error), "a folder, or a zip or tar of one")
                raise SubmissionError(f"{path} cannot be read", [problem]) from None
        yield Path(temporary)


def _extract(path: Path, stream: IO[bytes], folder: Path) -> None:
    chunks: Iterator[bytes] = iter(partial(stream.read, CHUNK), b"")
    if stream.read(len(MAGIC)) == MAGIC:
        stream.seek(0)
        chunks = gathered(unpacked(chunks, len(FILES)))
    else:
        stream.seek(0)
    first = next(chunks, b"")
    if is_tar(first):
        _extract_tar(path, _bounded(chain([first], chunks)), folder)
    else:
        stream.seek(0)
        _extract_zip(path, stream, folder)


def _extract_zip(path: Path, stream: IO[bytes], folder: Path) -> None:
    with zipfile.ZipFile(BoundedFile(stream)) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            name = _checked(path, info.filename, folder)
            if info.file_size > MAX_BYTES[name]:
                raise _too_large(path, name)
            if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise zipfile.BadZipFile(f"{name} is compressed by another method than deflate")
            with archive.open(info) as member, (folder / name).open("wb") as out:
                shutil.copyfileobj(member, out)


def _extract_tar(path: Path, chunks: Iterator[bytes], folder: Path) -> None:
    for member in tar_members(chunks):
        if member.kind == "folder":
            continue
        name = _checked(path, member.name.removeprefix("./"), folder)
        if member.kind != "file":
            raise TarError(f"{name} is not a plain file")
        left = MAX_BYTES[name]
        with (folder / name).open("wb") as out:
            for chunk in member.content:
                left -= len(chunk)
                if left < 0:
                    raise _too_large(path, name)
                out.write(chunk)


def _bounded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    left = sum(MAX_BYTES.values()) + _MORE_OF_TAR
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise TarError("it unpacks to more than a bundle may hold")
        yield chunk


def _checked(path: Path, member: str, folder: Path) -> str:
    """The name under which a member is written: only names that we know."""
    name = member.rsplit("/", 1)[-1]
    if name not in FILES or (folder / name).exists() or member.count("/") > 1:
        problem = Problem(str(path), f"{member!r} does not belong in a bundle", ", ".join(FILES))
        raise SubmissionError(f"{path} is not a bundle", [problem])
    return name


def _too_large(path: Path, name: str) -> SubmissionError:
    problem = Problem(str(path), f"{name} has more bytes", f"{MAX_BYTES[name]:,}")
    return SubmissionError(f"{path} is too large", [problem])
