"""Tar files made to confuse or to exhaust: read as a stream, member by member, one bounded chunk.

The `tarfile` module would read a header as long as it says that it is, and rebuild sparse files
that nothing in the archive bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from massive_kit.files.hostile_zip import CHUNK

_BLOCK = 512
# Names are as long as paths; what is longer is an attack.
_MOST_HEADER = 1 << 16
_MAGIC = slice(257, 262)
_FILES, _FOLDER, _LINKS = b"0\0007", b"5", b"12"
_PAX, _PAX_FOR_ALL, _LONG_NAME, _LONG_LINK = b"x", b"g", b"L", b"K"
_BASE_256 = 0x80


class TarError(Exception):
    """The tar is damaged; the message says how."""


@dataclass(frozen=True, slots=True)
class TarMember:
    """A member as its header names it.

    Attributes:
        name: Its path.
        kind: What it is; `other` is a device, or a sparse file.
        content: Its bytes, in chunks; what is not taken is passed over.
    """

    name: str
    kind: Literal["file", "folder", "link", "other"]
    content: Iterator[bytes]


def is_tar(start: bytes) -> bool:
    """Whether a file that begins with these bytes is a tar."""
    return start[_MAGIC] == b"ustar"


def tar_members(chunks: Iterator[bytes]) -> Iterator[TarMember]:
    """The members of a tar, in order.

    Args:
        chunks: Its bytes, in chunks of any size; who gives them counts them.

    Raises:
        TarError: It is damaged, or a header is longer than any honest one.
    """
    stream = _Stream(chunks)
    name, sparse = "", False
    while True:
        header = stream.take(_BLOCK)
        if not header.strip(b"\0"):
            # Damage after the end is damage, too.
            stream.drain()
            return
        if not is_tar(header) or _number(header[148:156]) != _checksum(header):
            raise TarError("a header is damaged")
        kind, size = header[156:157], _number(header[124:136])
        if kind in {_PAX, _PAX_FOR_ALL, _LONG_NAME, _LONG_LINK}:
            if size > _MOST_HEADER:
                raise TarError(f"a header of {size:,} bytes")
            more = stream.take(size)
            stream.pass_over(-size % _BLOCK)
            if kind == _LONG_NAME:
                name = _text(more)
            elif kind == _PAX:
                values = _pax(more)
                name = values.get("path", name)
                sparse = any(key.startswith("GNU.sparse") for key in values)
            continue
        content = stream.chunks(size)
        yield TarMember(name or _path(header), "other" if sparse else _kind(kind), content)
        for _ in content:
            pass
        stream.pass_over(-size % _BLOCK)
        name, sparse = "", False


class _Stream:
    """Bytes in chunks, taken as they are needed."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held, self._at = b"", 0

    def take(self, size: int) -> bytes:
        """Exactly so many, which are few."""
        return b"".join(self.chunks(size))

    def pass_over(self, size: int) -> None:
        """Leaves so many out."""
        for _ in self.chunks(size):
            pass

    def drain(self) -> None:
        """Leaves all others out."""
        for _ in self._chunks:
            pass

    def chunks(self, size: int) -> Iterator[bytes]:
        """Exactly so many, in chunks."""
        while size:
            if self._at == len(self._held):
                self._held, self._at = next(self._chunks, b""), 0
                if not self._held:
                    raise TarError("it ends in the middle")
            chunk = self._held[self._at : self._at + min(size, CHUNK)]
            self._at += len(chunk)
            size -= len(chunk)
            yield chunk


def _kind(flag: bytes) -> Literal["file", "folder", "link", "other"]:
    if flag in _FILES:
        return "file"
    if flag == _FOLDER:
        return "folder"
    return "link" if flag in _LINKS else "other"


def _path(header: bytes) -> str:
    name, prefix = _text(header[:100]), _text(header[345:500])
    # GNU's own format has times where the standard has the start of the path.
    standard = header[257:263] == b"ustar\0"
    return f"{prefix}/{name}" if standard and prefix else name


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _number(raw: bytes) -> int:
    try:
        if raw[0] & _BASE_256:
            return int.from_bytes(bytes([raw[0] & ~_BASE_256]) + raw[1:], "big")
        return int(raw.strip(b" \0") or b"0", 8)
    except ValueError:
        raise TarError("a header is damaged") from None


def _checksum(header: bytes) -> int:
    return sum(header[:148]) + 8 * ord(" ") + sum(header[156:])


def _pax(raw: bytes) -> dict[str, str]:
    """The records `LENGTH KEY=VALUE` of an extended header."""
    values = {}
    while raw:
        digits, space, _ = raw.partition(b" ")
        length = int(digits) if space and digits.isdigit() and len(digits) < 6 else 0  # noqa: PLR2004 - of 64 KiB
        record = raw[len(digits) + 1 : length]
        key, equals, value = record.partition(b"=")
        if not equals or length > len(raw) or not value.endswith(b"\n"):
            raise TarError("an extended header is damaged")
        values[_text(key)] = _text(value[:-1])
        raw = raw[length:]
    return values
