"""Lines of a submission (plain, gzip, zip, tar, a folder), with every amount bounded."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import IO

from massive_kit.errors import MissingDataError
from massive_kit.files.hostile_gzip import MAGIC, GzipError, ManyPartsError, gathered, unpacked
from massive_kit.files.hostile_tar import TarError, TarMember, is_tar, tar_members
from massive_kit.files.hostile_zip import CHUNK, ZIP_ERRORS, BoundedFile, is_shadow, is_unsafe
from massive_kit.submission import rules
from massive_kit.submission.archive_rules import wrong_tar_member, wrong_zip_member
from massive_kit.submission.file_rules import a_list, is_list, other_format
from massive_kit.submission.line_blocks import (
    SKIPPED,
    Block,
    Chunks,
    Limits,
    Readable,
    Rejoined,
    Stop,
    TooMuch,
)
from massive_kit.submission.report import Collector, Violation

_MEMBERS = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".gz", ".ndjson")
SUFFIXES = (*_MEMBERS, ".zip", ".tar", ".tgz")
_ZIP = b"PK\x03\x04"


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
                for file in self._expand(path):
                    yield from self._guarded(str(file), self._file(file))
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
        self.collector.add(stop.violation, name, stop.line)

    def _expand(self, path: Path) -> Iterator[Path]:
        if not path.is_dir():
            if not path.exists():
                raise MissingDataError(f"{path}: no such file or folder")
            yield path
            return
        files = [p for p in sorted(path.iterdir()) if p.is_file() and not p.name.startswith(".")]
        chosen = [file for file in files if file.name.endswith(SUFFIXES)]
        if not chosen:
            self._note(
                str(path), Stop(Violation(rules.NO_FILES, "no prediction file in the folder"))
            )
        if len(chosen) > self.limits.files:
            self._note(str(path), Stop(self._too_many_files(f"{len(chosen):,} files")))
            return
        for file in files:
            if file in chosen:
                yield file
            else:
                self.collector.add(Violation(rules.SKIPPED_FILE, "not read"), str(file))

    def _too_many_files(self, words: str) -> Violation:
        return Violation(rules.TOO_MANY_FILES, words, f"at most {self.limits.files:,}")

    def _file(self, path: Path) -> Iterator[Block]:
        self.files.append(str(path))
        with path.open("rb") as stream:
            start = stream.read(CHUNK)
            if start.startswith(_ZIP):
                stream.seek(0)
                yield from self._zip(str(path), stream)
                return
            chunks = self._plain(Rejoined(start, stream))
            first = next(chunks, b"")
            whole = chain([first], chunks)
            if is_tar(first):
                yield from self._tar(str(path), whole)
            else:
                yield from self._split(str(path), self._known_format(whole))

    def _tar(self, name: str, chunks: Iterator[bytes]) -> Iterator[Block]:
        damage: list[Stop] = []

        def watched(watched_chunks: Iterator[bytes]) -> Iterator[bytes]:
            try:
                yield from watched_chunks
            except Stop as stop:
                damage.append(stop)
                raise
            except TarError as error:
                damage.append(_damaged("tar", error))
                raise damage[-1] from None

        for member in self._packed(name, watched(chunks)):
            member_name = f"{name}/{member.name}"
            self.files.append(member_name)
            lines = self._lines(member_name, Chunks(watched(member.content)))
            yield from self._guarded(member_name, lines)
            if damage:
                # It is told already, of this member; after it there is nothing to read.
                return

    def _packed(self, name: str, chunks: Iterator[bytes]) -> Iterator[TarMember]:
        members = chosen = 0
        try:
            for member in tar_members(chunks):
                if member.kind == "folder" or is_shadow(member.name):
                    continue
                members += 1
                if members > self.limits.files:
                    words = f"more than {self.limits.files:,} files in the tar"
                    raise Stop(self._too_many_files(words))
                wrong = wrong_tar_member(member)
                if wrong is not None:
                    self._note(name, Stop(wrong))
                elif member.name.endswith(_MEMBERS):
                    chosen += 1
                    yield member
                else:
                    skipped = Violation(rules.SKIPPED_FILE, "not read")
                    self.collector.add(skipped, f"{name}/{member.name}")
        except TarError as error:
            raise _damaged("tar", error) from None
        if not chosen:
            self._note(name, Stop(Violation(rules.NO_FILES, "no prediction file in the tar")))

    def _zip(self, name: str, stream: IO[bytes]) -> Iterator[Block]:
        try:
            with zipfile.ZipFile(BoundedFile(stream)) as archive:
                for info in list(self._members(name, archive.infolist())):
                    member_name = f"{name}/{info.filename}"
                    self.files.append(member_name)
                    with archive.open(info) as member:
                        yield from self._guarded(member_name, self._lines(member_name, member))
        except ZIP_ERRORS as error:
            raise _damaged("zip", error) from None

    def _members(self, name: str, infos: list[zipfile.ZipInfo]) -> Iterator[zipfile.ZipInfo]:
        infos = [info for info in infos if not info.is_dir() and not is_shadow(info.filename)]
        if len(infos) > self.limits.files:
            raise Stop(self._too_many_files(f"{len(infos):,} files in the zip"))
        chosen = 0
        for info in infos:
            if info.filename.endswith(_MEMBERS) or is_unsafe(info.filename):
                wrong = wrong_zip_member(info)
                if wrong is None:
                    chosen += 1
                    yield info
                else:
                    self._note(name, Stop(wrong))
            else:
                skipped = Violation(rules.SKIPPED_FILE, "not read")
                self.collector.add(skipped, f"{name}/{info.filename}")
        if not chosen:
            self._note(name, Stop(Violation(rules.NO_FILES, "no prediction file in the zip")))

    def _lines(self, name: str, stream: Readable) -> Iterator[Block]:
        return self._split(name, self._known_format(self._plain(stream)))

    def _plain(self, stream: Readable) -> Iterator[bytes]:
        first = stream.read(CHUNK)
        chunks = self._counted(first, stream)
        return self._unzipped(chunks) if first.startswith(MAGIC) else chunks

    def _known_format(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for number, chunk in enumerate(chunks):
            if not number:
                self._check_format(chunk)
            yield chunk

    def _counted(self, first: bytes, stream: Readable) -> Iterator[bytes]:
        chunk = first
        while chunk:
            self._count(len(chunk))
            yield chunk
            chunk = stream.read(CHUNK)

    def _unzipped(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        try:
            for chunk in gathered(unpacked(chunks, self.limits.lines)):
                self._count(len(chunk))
                yield chunk
        except ManyPartsError as error:
            raise TooMuch(Violation(rules.BAD_GZIP, str(error))) from None
        except GzipError as error:
            raise Stop(Violation(rules.BAD_GZIP, str(error))) from None

    def _count(self, size: int) -> None:
        self.bytes_read += size
        if self.bytes_read > self.limits.total:
            words = f"more than {self.limits.total / 1e6:,.0f} MB unpacked"
            expected = "some 50 MB for 150,000 rows"
            raise TooMuch(Violation(rules.TOO_LARGE, words, expected, "reading stopped here"))

    def _check_format(self, start: bytes) -> None:
        violation = other_format(start)
        if violation is not None:
            raise Stop(violation)

    def _split(self, name: str, chunks: Iterator[bytes]) -> Iterator[Block]:
        number, held, skipping, limit = 1, b"", False, self.limits.line
        for chunk in chunks:
            end = chunk.rfind(b"\n") + 1
            if not end:
                if not skipping:
                    held += chunk
                if len(held) > limit:
                    self._too_long(name, number, held)
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
                self._too_long(name, number, held)
                held, skipping = b"", True
        if held:
            yield self._block(name, number, held, [held])

    def _block(self, name: str, first: int, raw: bytes, lines: list[bytes]) -> Block:
        self.lines_read += len(lines)
        if self.lines_read > self.limits.lines:
            words = f"more than {self.limits.lines:,} lines"
            violation = Violation(
                rules.TOO_MANY_LINES, words, "one line per row", "reading stopped here"
            )
            raise TooMuch(violation, first)
        if len(raw) > self.limits.line and max(map(len, lines)) > self.limits.line:
            for i, line in enumerate(lines):
                if len(line) > self.limits.line:
                    self._too_long(name, first + i, line)
                    lines[i] = SKIPPED
        return Block(name, first, raw, lines)

    def _too_long(self, name: str, line: int, content: bytes) -> None:
        self.complete = False
        if line == 1 and is_list(content):
            raise Stop(a_list(), line)
        words = f"more than {self.limits.line:,} bytes in one line"
        violation = Violation(rules.LONG_LINE, words, todo="is a newline missing?")
        self.collector.add(violation, name, line)


def _damaged(what: str, error: Exception) -> Stop:
    return Stop(Violation(rules.BAD_ARCHIVE, f"the {what} is damaged: {error}"))
