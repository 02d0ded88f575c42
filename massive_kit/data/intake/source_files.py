"""A file of a source, wherever it lies, as bytes or as lines of text; and its beginning.

Text is UTF-8 with or without a byte order mark, or UTF-16 with one. Bytes that are not UTF-8 come
as lone surrogates, so that one bad row does not hide the others; rows that hold any are refused.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import PurePosixPath
from typing import IO

from massive_kit.data.intake.unpacking import DAMAGE
from massive_kit.errors import DataError, Problem

# What a format may look at to say whether a file is its own.
HEAD_BYTES = 1 << 16
SHORT_BYTES = 1 << 9
# Characters of a line; more than this is no row of a corpus.
MAX_LINE = 1 << 24
# Characters of a JSON or YAML file that is read at once.
MAX_TEXT = 1 << 28
_COMPRESSIONS = {".gz", ".bz2", ".xz"}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class FileHead:
    """What a format sees of a file to say whether it is its own.

    Attributes:
        path: Within the source, without `.gz` and the like: `en/train.tsv`.
        data: The first bytes, at most `HEAD_BYTES`.
        whole: Whether they are all.
        text: The same decoded, or `None` where they are not text.
        lines: The whole lines of the text, without line ends.
    """

    path: PurePosixPath
    data: bytes
    whole: bool
    text: str | None
    lines: tuple[str, ...]

    @classmethod
    def of(cls, path: PurePosixPath, data: bytes, *, whole: bool) -> FileHead:
        """The head of a file that begins with `data`."""
        text = _decoded(data)
        lines = [line.removesuffix("\r") for line in (text or "").split("\n")]
        if not (whole and lines[-1]):
            lines.pop()
        return cls(path, data, whole, text, tuple(lines))

    @property
    def name(self) -> str:
        """The file's name without its folders."""
        return self.path.name

    def shortened(self) -> FileHead:
        """The head with what is enough to tell groups of files apart, as thousands are kept."""
        whole = self.whole and len(self.data) <= SHORT_BYTES
        return FileHead.of(self.path, self.data[:SHORT_BYTES], whole=whole)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a folder or an archive.

    Attributes:
        name: As messages name it.
        path: Within the source, without `.gz` and the like.
        open: Gives its plain (decompressed) bytes from the start; the caller closes the stream.
        close: Lets go of what is kept to open it again.
    """

    name: str
    path: PurePosixPath
    open: Callable[[], IO[bytes]]
    close: Callable[[], None] = lambda: None

    @classmethod
    def of_bytes(cls, path: str, content: bytes) -> SourceFile:
        """A file held in memory."""
        return cls(path, PurePosixPath(path), lambda: io.BytesIO(content))

    def head(self) -> FileHead:
        """Its beginning."""
        with self.open() as stream:
            data = b""
            while len(data) <= HEAD_BYTES and (more := stream.read(HEAD_BYTES + 1 - len(data))):
                data += more
        return FileHead.of(self.path, data[:HEAD_BYTES], whole=len(data) <= HEAD_BYTES)

    def utf8(self) -> IO[bytes]:
        """Its bytes as `open` gives them, and UTF-16 as UTF-8.

        Raises:
            DataError: UTF-16 is broken; raised by a read.
        """
        stream = self.open()
        if encoding_of(_start(stream)) == "utf-8-sig":
            return stream
        return io.BufferedReader(_AsUtf8(_text_of(stream), self._refused))

    def lines(self) -> Iterator[str]:
        """Its lines as text, without line ends (LF or CRLF).

        Raises:
            DataError: A line is longer than any row, or UTF-16 is broken.
        """
        with self.open() as stream, _text_of(stream) as reader:
            for number in count(1):
                try:
                    line = reader.readline(MAX_LINE + 1)
                except UnicodeError as error:
                    raise self._refused(f"text that cannot be read: {error}", number) from None
                except DAMAGE as error:
                    raise self.broken(error) from None
                if len(line) > MAX_LINE:
                    raise self._refused(f"a line of more than {MAX_LINE:,} characters", number)
                if not line:
                    return
                yield line.removesuffix("\n").removesuffix("\r")

    def text(self) -> str:
        """All of it as text, line ends as they are.

        Raises:
            DataError: It is larger than `MAX_TEXT`, or UTF-16 is broken.
        """
        with self.open() as stream, _text_of(stream) as reader:
            try:
                text = reader.read(MAX_TEXT + 1)
            except UnicodeError as error:
                raise self._refused(f"text that cannot be read: {error}") from None
            except DAMAGE as error:
                raise self.broken(error) from None
        if len(text) > MAX_TEXT:
            raise self._refused(f"more than {MAX_TEXT:,} characters")
        return text

    def broken(self, error: Exception) -> DataError:
        """The error that tells of damage."""
        return self._refused(f"the file is broken: {error}"[:300])

    def _refused(self, reason: str, line: int | None = None) -> DataError:
        return DataError(f"{self.name} cannot be read", [Problem(self.name, reason, line=line)])


class _AsUtf8(io.RawIOBase):
    """Text as bytes again, in UTF-8."""

    def __init__(self, reader: io.TextIOWrapper, refused: Callable[[str], DataError]) -> None:
        self._reader = reader
        self._refused = refused

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any buffer
        try:
            # A character may take four bytes.
            data = self._reader.read(max(1, len(buffer) // 4)).encode()
        except UnicodeError as error:
            raise self._refused(f"text that cannot be read: {error}") from None
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._reader.close()
        super().close()


def plain_name(path: PurePosixPath) -> PurePosixPath:
    """A file's path without the end of its name that says how it is compressed."""
    return path.with_suffix("") if path.suffix in _COMPRESSIONS else path


def encoding_of(start: bytes) -> str:
    """The encoding of a file that begins with these bytes."""
    return "utf-16" if start.startswith(_UTF_16) else "utf-8-sig"


def is_not_utf8(text: str) -> bool:
    """Whether text that was read here holds bytes that are not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _start(stream: IO[bytes]) -> bytes:
    """The bytes that come next, which stay to be read."""
    if isinstance(stream, io.BufferedReader):
        return stream.peek(2)[:2]
    start = stream.read(2)
    stream.seek(0)
    return start


def _text_of(stream: IO[bytes]) -> io.TextIOWrapper:
    encoding = encoding_of(_start(stream))
    errors = "strict" if encoding == "utf-16" else "surrogateescape"
    return io.TextIOWrapper(stream, encoding, errors, newline="\n")


def _decoded(data: bytes) -> str | None:
    encoding = encoding_of(data)
    if encoding == "utf-8-sig" and b"\0" in data:
        return None
    errors = "strict" if encoding == "utf-16" else "surrogateescape"
    try:
        # The last character may be cut in two.
        return codecs.getincrementaldecoder(encoding)(errors).decode(data)
    except UnicodeError:
        return None
