"""What lines of a submission come in, how much of them is read, and what stops it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from massive_kit.submission.report import Violation

# In place of a line that was too long to keep; compared by identity.
SKIPPED = b"".join([b"a line ", b"too long"])


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is read before a file is refused; many times what a real file needs.

    Attributes:
        line: Bytes per line.
        total: Bytes of all files, unpacked.
        lines: Lines of all files.
        files: Files in a folder or zip.
    """

    line: int = 1 << 18
    total: int = 16 << 20
    lines: int = 10_000
    files: int = 1_000

    @classmethod
    def for_rows(cls, rows: int) -> Limits:
        """Limits for a task of that many utterances."""
        least = cls()
        return cls(total=max(least.total, rows * 4096), lines=max(least.lines, rows * 3))


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive whole lines.

    Attributes:
        name: The file, as messages name it.
        first: Line number of the first.
        raw: Their bytes.
        lines: The lines, without newlines.
    """

    name: str
    first: int
    raw: bytes
    lines: list[bytes]


class Stop(Exception):  # noqa: N818 - not an error of the program
    """Reading cannot go on in this file, because of a violation."""

    def __init__(self, violation: Violation, line: int | None = None) -> None:
        super().__init__(violation.found)
        self.violation, self.line = violation, line


class TooMuch(Stop):
    """A limit over all files is reached; nothing more is read."""


class Readable(Protocol):
    """What gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; none at the end."""
        ...


class Chunks:
    """Chunks as a stream, which gives them as they come."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def read(self, size: int = -1, /) -> bytes:
        """The next chunk, whatever its size."""
        del size
        return next(self._chunks, b"")


class Rejoined:
    """A stream whose start has been read already; pipes cannot be rewound."""

    def __init__(self, start: bytes, rest: Readable) -> None:
        self._start: bytes | None = start
        self._rest = rest

    def read(self, size: int = -1, /) -> bytes:
        """The start, then the rest."""
        if self._start is not None:
            start, self._start = self._start, None
            return start
        return self._rest.read(size)
