"""Lines from whatever is handed in (plain, gzip, zip, a folder), with every amount bounded."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from massive_kit.errors import MissingDataError
from massive_kit.files.hostile_zip import CHUNK, ZIP_ERRORS, BoundedFile, is_shadow, is_unsafe
from massive_kit.submission import rules
from massive_kit.submission.report import Collector, Finding, Rule

_PIECE = 1 << 16
SUFFIXES = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".gz", ".ndjson", ".zip")
# Stands for a line that was too long to keep; told apart by identity.
SKIPPED = b"".join([b"a line ", b"too long"])
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_FORMATS = {
    b"PAR1": "Parquet",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"7z\xbc\xaf": "7-Zip",
    b"ARROW1": "Arrow",
    b"\x80\x04\x95": "a Python pickle",
    b"\x89PNG": "an image",
    b"%PDF": "PDF",
    b"SQLite": "SQLite",
    b"PK\x05\x06": "an empty zip",
    b"PK\x03\x04": "a zip inside of an archive",
    b"<!DOC": "HTML",
    b"<html": "HTML",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is read before a file is refused; many times what a real file needs.

    Attributes:
        line: Bytes a line.
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
    """Whole lines that stand together.

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


class Stop(Exception):  # noqa: N818 - no error of the program
    """Reading cannot go on in this file; the rule that was broken says why."""

    def __init__(self, rule: Rule, finding: Finding, line: int | None = None) -> None:
        super().__init__(finding.found)
        self.rule, self.finding, self.line = rule, finding, line


class TooMuch(Stop):
    """A limit over all files is reached; nothing more is read."""


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class LineSource:
    """Reads files as blocks of lines and reports what is wrong with the files themselves."""

    def __init__(self, limits: Limits, collector: Collector) -> None:
        self.limits = limits
        self.collector = collector
        self.bytes_read = 0
        self.lines_read = 0
        self.files: list[str] = []
        self.complete = True

    def blocks(self, paths: Sequence[Path]) -> Iterator[Block]:
        """All lines of all files.

        Raises:
            MissingDataError: A path leads to nothing.
        """
        try:
            for path in paths:
                for one in self._expand(path):
                    yield from self._guarded(str(one), self._file(one))
        except TooMuch as stop:
            self._note(self.files[-1], stop)

    def _guarded(self, name: str, blocks: Iterator[Block]) -> Iterator[Block]:
        try:
            yield from blocks
        except TooMuch:
            raise
        except Stop as stop:
            self._note(name, stop)

    def _note(self, name: str, stop: Stop) -> None:
        self.complete = False
        self.collector.add(stop.rule, name, stop.line, stop.finding)

    def _expand(self, path: Path) -> Iterator[Path]:
        if not path.is_dir():
            if not path.exists():
                raise MissingDataError(f"{path}: no such file or folder")
            yield path
            return
        found = [p for p in sorted(path.iterdir()) if p.is_file() and not p.name.startswith(".")]
        chosen = [p for p in found if p.name.endswith(SUFFIXES)]
        if not chosen:
            self._note(str(path), Stop(rules.NO_FILES, Finding("no prediction file in the folder")))
        if len(chosen) > self.limits.files:
            finding = Finding(f"{len(chosen):,} files", f"at most {self.limits.files:,}")
            self._note(str(path), Stop(rules.TOO_MANY_FILES, finding))
            return
        for one in found:
            if one in chosen:
                yield one
            else:
                self.collector.add(rules.SKIPPED_FILE, str(one), None, Finding("not read"))

    def _file(self, path: Path) -> Iterator[Block]:
        self.files.append(str(path))
        with path.open("rb") as stream:
            start = stream.read(CHUNK)
            if start.startswith(_ZIP):
                stream.seek(0)
                yield from self._zip(str(path), stream)
            else:
                yield from self._lines(str(path), _Rejoined(start, stream))

    def _zip(self, name: str, stream: IO[bytes]) -> Iterator[Block]:
        try:
            with zipfile.ZipFile(BoundedFile(stream)) as archive:
                chosen = list(self._members(name, archive.infolist()))
                for info in chosen:
                    own = f"{name}/{info.filename}"
                    self.files.append(own)
                    with archive.open(info) as member:
                        yield from self._guarded(own, self._lines(own, member))
        except ZIP_ERRORS as error:
            raise Stop(rules.BAD_ZIP, Finding(f"the zip is damaged: {error}")) from None

    def _members(self, name: str, infos: list[zipfile.ZipInfo]) -> Iterator[zipfile.ZipInfo]:
        infos = [info for info in infos if not info.is_dir() and not is_shadow(info.filename)]
        if len(infos) > self.limits.files:
            finding = Finding(f"{len(infos):,} files in the zip", f"at most {self.limits.files:,}")
            raise Stop(rules.TOO_MANY_FILES, finding)
        found = 0
        for info in infos:
            file = info.filename
            if is_unsafe(file):
                finding = Finding(f"the path {file!r} in the zip", todo="zip plain file names")
                self._note(name, Stop(rules.ZIP_PATH, finding))
            elif not file.endswith(SUFFIXES[:-1]):
                self.collector.add(rules.SKIPPED_FILE, f"{name}/{file}", None, Finding("not read"))
            elif info.flag_bits & 1:
                finding = Finding(f"{file} is encrypted", todo="zip it without a password")
                self._note(name, Stop(rules.BAD_ZIP, finding))
            elif info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                # LZMA in a zip may ask for gigabytes of memory.
                how = f"{file} is compressed by method {info.compress_type}"
                finding = Finding(how, "deflate", "zip it again")
                self._note(name, Stop(rules.BAD_ZIP, finding))
            else:
                found += 1
                yield info
        if not found:
            self._note(name, Stop(rules.NO_FILES, Finding("no prediction file in the zip")))

    def _lines(self, name: str, stream: _Readable) -> Iterator[Block]:
        first = stream.read(CHUNK)
        if first.startswith(_GZIP):
            chunks = _gathered(self._unzipped(first, stream))
        else:
            chunks = self._counted(first, stream)
        return self._split(name, self._known_format(chunks))

    def _known_format(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for number, chunk in enumerate(chunks):
            if not number:
                self._check_format(chunk)
            yield chunk

    def _counted(self, first: bytes, stream: _Readable) -> Iterator[bytes]:
        chunk = first
        while chunk:
            self._count(len(chunk))
            yield chunk
            chunk = stream.read(CHUNK)

    def _unzipped(self, first: bytes, stream: _Readable) -> Iterator[bytes]:
        """Unpacked gzip, by zlib itself: faster than the gzip module, and a chunk at a time."""
        pieces = self._pieces(first, stream)
        packed, members = next(pieces, b""), 0
        while packed:
            if not packed.startswith(_GZIP[:1]):
                if packed.strip(b"\0"):
                    raise Stop(rules.BAD_GZIP, Finding("something else follows the gzip"))
                packed = next(pieces, b"")
                continue
            members += 1
            if members > self.limits.lines:
                raise TooMuch(rules.BAD_GZIP, Finding(f"a gzip of more than {members - 1:,} parts"))
            unpack = zlib.decompressobj(wbits=31)
            while not unpack.eof:
                try:
                    chunk = unpack.decompress(packed, CHUNK)
                except zlib.error as error:
                    raise Stop(rules.BAD_GZIP, Finding(f"the gzip is damaged: {error}")) from None
                if chunk:
                    self._count(len(chunk))
                    yield chunk
                packed = unpack.unconsumed_tail
                if not packed and not unpack.eof:
                    packed = next(pieces, b"")
                    if not packed and not chunk:
                        raise Stop(rules.BAD_GZIP, Finding("the gzip ends in the middle"))
            packed = unpack.unused_data or next(pieces, b"")

    def _pieces(self, first: bytes, stream: _Readable) -> Iterator[bytes]:
        # Small, because zlib copies what it leaves over; counted, because a stream of empty members
        # unpacks to nothing, for ever.
        chunk = first
        while chunk:
            self._count(len(chunk))
            for start in range(0, len(chunk), _PIECE):
                yield chunk[start : start + _PIECE]
            chunk = stream.read(CHUNK)

    def _count(self, size: int) -> None:
        self.bytes_read += size
        if self.bytes_read > self.limits.total:
            finding = Finding(
                f"more than {self.limits.total / 1e6:,.0f} MB unpacked",
                "some 50 MB for 150,000 rows",
                "reading stopped here",
            )
            raise TooMuch(rules.TOO_LARGE, finding)

    def _check_format(self, start: bytes) -> None:
        for magic, format_name in _FORMATS.items():
            if start.startswith(magic):
                finding = Finding(f"this is {format_name}", "JSON lines", "write one object a line")
                raise Stop(rules.OTHER_FORMAT, finding)

    def _split(self, name: str, chunks: Iterator[bytes]) -> Iterator[Block]:
        number, held, skipping, limit = 1, b"", False, self.limits.line
        for chunk in chunks:
            end = chunk.rfind(b"\n") + 1
            if not end:
                if not skipping:
                    held += chunk
                if len(held) > limit:
                    self._too_long(name, number)
                    held, skipping = b"", True
                continue
            start = 0
            if skipping:
                start = chunk.find(b"\n") + 1
                skipping = False
                number += 1
            if start < end:
                raw = held + chunk[start:end]
                lines = raw.split(b"\n")
                lines.pop()
                block = self._block(name, number, raw, lines)
                number += len(lines)
                yield block
            held = chunk[end:]
            if len(held) > limit:
                self._too_long(name, number)
                held, skipping = b"", True
        if held:
            yield self._block(name, number, held, [held])

    def _block(self, name: str, first: int, raw: bytes, lines: list[bytes]) -> Block:
        self.lines_read += len(lines)
        if self.lines_read > self.limits.lines:
            finding = Finding(
                f"more than {self.limits.lines:,} lines",
                "one line a row",
                "reading stopped here",
            )
            raise TooMuch(rules.TOO_MANY_LINES, finding, first)
        if len(raw) > self.limits.line and max(map(len, lines)) > self.limits.line:
            for i, line in enumerate(lines):
                if len(line) > self.limits.line:
                    self._too_long(name, first + i)
                    lines[i] = SKIPPED
        return Block(name, first, raw, lines)

    def _too_long(self, name: str, line: int) -> None:
        self.complete = False
        finding = Finding(
            f"more than {self.limits.line:,} bytes in one line", todo="is a newline missing?"
        )
        self.collector.add(rules.LONG_LINE, name, line, finding)


def _gathered(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Chunks that are not tiny, so that a gzip of a byte a part costs no more than another."""
    held: list[bytes] = []
    size = 0
    stop: Stop | None = None
    try:
        for chunk in chunks:
            held.append(chunk)
            size += len(chunk)
            if size >= _PIECE:
                yield b"".join(held)
                held, size = [], 0
    except Stop as found:
        stop = found
    if held:
        yield b"".join(held)
    if stop is not None:
        raise stop


class _Rejoined:
    """A stream whose start has been read already; pipes cannot be rewound."""

    def __init__(self, start: bytes, rest: _Readable) -> None:
        self._start: bytes | None = start
        self._rest = rest

    def read(self, size: int = -1, /) -> bytes:
        if self._start is not None:
            start, self._start = self._start, None
            return start
        return self._rest.read(size)
