"""Zip files made to confuse or to exhaust: what `zipfile` needs to read them safely."""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import IO

CHUNK = 1 << 20
# What `zipfile` raises on archives made or damaged to confuse it.
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class BoundedFile:
    """A file for `zipfile`, which reads a directory at once, however large it says it is."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._size = stream.seek(0, 2)
        stream.seek(0)
        self.tell, self.close = stream.tell, stream.close

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As for any file; a position outside the file means a damaged zip."""
        if self._size == 0:
            raise zipfile.BadZipFile("it is empty")
        try:
            return self._stream.seek(offset, whence)
        except OSError:
            raise zipfile.BadZipFile("it points outside itself") from None

    def seekable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """At most 4 MiB; a directory of more is an attack."""
        if size > 4 * CHUNK:
            raise zipfile.BadZipFile("its directory is too large")
        return self._stream.read(size if size >= 0 else 4 * CHUNK)


def is_shadow(name: str) -> bool:
    """Whether it is what macOS adds to a zip."""
    last = name.rsplit("/", 1)[-1]
    return name.startswith("__MACOSX/") or last.startswith("._") or last == ".DS_Store"


def is_unsafe(name: str) -> bool:
    """Whether a path name could lead out of a folder, or mislead a reader."""
    parts = name.replace("\\", "/").split("/")
    return (
        ".." in parts
        or parts[0] in {"", "~"}
        or ":" in parts[0]
        or not name.isprintable()
        or "\\" in name
    )
