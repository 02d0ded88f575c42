"""Text files from outside, plain or gzip, line by line: no line and no file without a limit."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from massive_kit.errors import DataError, MissingDataError, Problem
from massive_kit.files.hostile_gzip import MAGIC, GzipError, gathered, unpacked
from massive_kit.files.hostile_zip import CHUNK

# Bytes, unpacked. The largest word list known is a tenth of it.
MAX_BYTES = 1 << 29
MAX_LINE = 1 << 16
_MAX_PARTS = 10_000
_TOO_LONG = f"a line of more than {MAX_LINE:,} characters"


class Line(NamedTuple):
    """A line of a file; there are millions.

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
    first, rest = 1, b""
    for chunk in bounded_chunks(path, most):
        whole, newline, rest = (rest + chunk).rpartition(b"\n")
        if newline:
            for number, text in enumerate(_texts(path, whole, first), first):
                yield Line(number, text)
            first += whole.count(b"\n") + 1
        if len(rest) > MAX_LINE:
            raise _refused(path, _TOO_LONG, first)
    if rest:
        yield Line(first, next(_texts(path, rest, first)))


def _texts(path: Path, lines: bytes, first: int) -> Iterator[str | None]:
    """Whole lines as text: all at once where they are sound, which is much quicker."""
    if first == 1:
        lines = lines.removeprefix(codecs.BOM_UTF8)
    try:
        texts: list[str | None] = [*lines.decode().split("\n")]
    except UnicodeDecodeError:
        texts = [_text(line) for line in lines.split(b"\n")]
    for number, text in enumerate(texts, first):
        if text is not None and len(text) > MAX_LINE:
            raise _refused(path, _TOO_LONG, number)
        yield text[:-1] if text is not None and text[-1:] == "\r" else text


def _text(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


def _with(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _refused(path: Path, reason: str, line: int | None = None) -> DataError:
    return DataError(f"{path} cannot be read", [Problem(str(path), reason, line=line)])
