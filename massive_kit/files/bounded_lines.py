"""Text files from outside, plain or gzip, line by line: no line and no file without a limit."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from massive_kit.errors import DataError, MissingDataError, Problem
from massive_kit.files.hostile_gzip import MAGIC, GzipError, gathered, unpacked
from massive_kit.files.hostile_zip import CHUNK

# Bytes, unpacked. The largest word list known is a tenth of it.
MAX_BYTES = 1 << 29
MAX_LINE = 1 << 16
_MAX_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file.

    Attributes:
        number: From 1.
        text: Without line end; `None` where it is not UTF-8.
    """

    number: int
    text: str | None


def bounded_chunks(path: Path, most: int = MAX_BYTES) -> Iterator[bytes]:
    """A file's bytes, unpacked where it is gzip.

    Raises:
        MissingDataError: There is no such file.
        DataError: It is damaged, or holds more than `most` bytes.
    """
    size = 0
    try:
        with path.open("rb") as stream:
            packed = iter(lambda: stream.read(CHUNK), b"")
            start = next(packed, b"")
            chunks = _with(start, packed)
            plain = unpacked(chunks, _MAX_PARTS) if start.startswith(MAGIC) else chunks
            for chunk in gathered(plain):
                size += len(chunk)
                if size > most:
                    raise _refused(path, f"more than {most:,} bytes")
                yield chunk
    except FileNotFoundError:
        raise MissingDataError(f"{path} not found") from None
    except (OSError, GzipError) as error:
        raise _refused(path, str(error)) from None


def bounded_lines(path: Path, most: int = MAX_BYTES) -> Iterator[Line]:
    """A file's lines, without line ends (LF or CRLF) and without a byte order mark.

    Raises:
        MissingDataError: There is no such file.
        DataError: It is damaged, or a line or the file is longer than any word list's.
    """
    number, rest = 0, b""
    for chunk in bounded_chunks(path, most):
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        for line in lines:
            number += 1
            yield Line(number, _text(path, line, number))
        if len(rest) > MAX_LINE:
            _text(path, rest, number + 1)
    if rest:
        yield Line(number + 1, _text(path, rest, number + 1))


def _with(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _text(path: Path, line: bytes, number: int) -> str | None:
    if len(line) > MAX_LINE:
        raise _refused(path, f"a line of more than {MAX_LINE:,} bytes", number)
    if number == 1:
        line = line.removeprefix(codecs.BOM_UTF8)
    try:
        return line.removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        return None


def _refused(path: Path, reason: str, line: int | None = None) -> DataError:
    return DataError(f"{path} cannot be read", [Problem(str(path), reason, line=line)])
