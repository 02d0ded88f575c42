"""Compressed bytes as plain ones, every amount bounded: anything from anywhere can be opened."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from shutil import copyfileobj
from typing import IO

from massive_kit.errors import DataError, Problem

# The official archive grows 6-fold when unpacked, rows with judgments 16-fold.
MAX_RATIO = 100
# What anything may unpack to, however small it is.
FREE_BYTES = 1 << 28
# What a reader raises on a compressed file that is damaged.
DAMAGE = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)
# The dictionary that xz asks for with its strongest setting, and some.
_XZ_MEMORY = 128 << 20
_CHUNK = 1 << 16
_BUFFER = 1 << 20
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")


class Allowance:
    """The bytes that something may still unpack to.

    Attributes:
        name: What is unpacked, as messages name it.
        limit: How many at first.
    """

    def __init__(self, name: str, compressed: int) -> None:
        self.name = name
        self.limit = max(FREE_BYTES, compressed * MAX_RATIO)
        self._left = self.limit

    @property
    def next_read(self) -> int:
        """As many as show whether there are too many."""
        return self._left + 1

    def spend(self, count: int) -> None:
        """Counts bytes.

        Raises:
            DataError: They are too many.
        """
        self._left -= count
        if self._left < 0:
            problem = Problem(
                self.name,
                f"unpacks to more than {self.limit:,} bytes, {MAX_RATIO} times its size",
                todo="if it is right, unpack it and import the folder",
            )
            raise DataError(f"{self.name} is refused", [problem])


def is_compressed(start: bytes) -> bool:
    """Whether a file that begins with these bytes is gzip, bzip2 or xz."""
    return start.startswith(_COMPRESSED)


def plain(stream: IO[bytes], allowance: Allowance) -> IO[bytes]:
    """The plain bytes of a stream that may be gzip, bzip2 or xz; closing it closes the stream.

    Args:
        stream: Its bytes from the start; it can be rewound. It comes back where it is plain.
        allowance: What it may unpack to.
    """
    start = stream.read(max(map(len, _COMPRESSED)))
    stream.seek(0)
    opened: io.RawIOBase | gzip.GzipFile
    if start.startswith(_COMPRESSED[0]):
        opened = gzip.GzipFile(fileobj=stream)
    elif start.startswith(_COMPRESSED[1]):
        opened = _Decompressing(stream, bz2.BZ2Decompressor)
    elif start.startswith(_COMPRESSED[2]):
        opened = _Decompressing(
            stream, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
        )
    else:
        return stream
    return io.BufferedReader(Bounded(opened, allowance, stream), _BUFFER)


@contextmanager
def seekable(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """A stream as it is, or its bytes in a file without a name, which then goes."""
    if stream.seekable():
        yield stream
        return
    with tempfile.TemporaryFile() as copy:
        copyfileobj(stream, copy)
        copy.seek(0)
        yield copy


class Bounded(io.RawIOBase):
    """A stream that stops with an error once its allowance is spent."""

    def __init__(
        self,
        stream: IO[bytes] | gzip.GzipFile | io.RawIOBase,
        allowance: Allowance,
        under: IO[bytes] | None = None,
    ) -> None:
        self._stream = stream
        self._allowance = allowance
        self._under = under

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes."""
        data = self._stream.read(size if size >= 0 else self._allowance.next_read) or b""
        self._allowance.spend(len(data))
        return data

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # any buffer
        """Fills the start of a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Closes what is under it."""
        self._stream.close()
        if self._under is not None:
            self._under.close()
        super().close()


class _Decompressing(io.RawIOBase):
    """bzip2 or xz, one stream after another, as the command-line tools write them."""

    def __init__(
        self,
        stream: IO[bytes],
        decompressor: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor],
    ) -> None:
        self._stream = stream
        self._new = decompressor
        self._decompressor = decompressor()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while True:
            if self._decompressor.eof:
                rest = self._decompressor.unused_data or self._stream.read(_CHUNK)
                if not rest.strip(b"\0"):
                    return b""
                self._decompressor = self._new()
            elif self._decompressor.needs_input:
                rest = self._stream.read(_CHUNK)
                if not rest:
                    raise EOFError("it ends in the middle")
            else:
                rest = b""
            try:
                data = self._decompressor.decompress(rest, size)
            except OSError as error:
                # What bzip2 calls its damage; a full disk is another matter.
                raise EOFError(str(error)) from None
            if data:
                return data

    def close(self) -> None:
        self._stream.close()
        super().close()
