"""A source as streams of raw rows: its files recognised, foreign corpora read twice.

Files with MASSIVE's own columns go on as soon as they are seen, since an archive of them is large.
All others wait until the last is seen: some belong together, and a tag scheme is told from all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import partial
from pathlib import Path, PurePosixPath

import pyarrow as pa

from massive_kit.data.intake.archives import is_archive
from massive_kit.data.intake.completing import completed_blocks
from massive_kit.data.intake.foreign_conversion import (
    ForeignCorpus,
    ForeignFiles,
    foreign_blocks,
    survey,
)
from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.formats import (
    BlockFormat,
    RowFormat,
    RowReader,
    TaggedFormat,
    companions,
    formats,
)
from massive_kit.data.intake.label_maps import LabelMaps
from massive_kit.data.intake.path_hints import PathHints, path_hints
from massive_kit.data.intake.raw_rows import RawBlock
from massive_kit.data.intake.recognition import (
    RecognisedFile,
    claims_to_be_data,
    groups_of,
    is_document,
    known_formats,
    reads_rows,
    recognised,
    unknown,
)
from massive_kit.data.intake.source_files import SourceFile
from massive_kit.data.intake.source_options import SourceOptions
from massive_kit.data.intake.sources import source_files
from massive_kit.data.intake.unpacking import DAMAGE
from massive_kit.errors import DataError, MissingDataError, Problem


@dataclass(frozen=True, slots=True)
class RawSource:
    """A file, or files that belong together, as raw rows.

    Attributes:
        name: As messages name it.
        files: What it is read from.
        blocks: Gives its rows, block by block.
    """

    name: str
    files: Sequence[SourceFile]
    blocks: Callable[[], Iterator[RawBlock]]

    def close(self) -> None:
        """Lets go of what is kept for it; to be called when it is read, or will not be."""
        for file in self.files:
            file.close()


@dataclass(slots=True)
class SourceReader:
    """Recognises the files of a source and gives their rows.

    Attributes:
        path: An archive, a folder or a file.
        options: What is said of it.
        only: Of a folder, only these files.
        formats: How many files are in each format; complete once all are read.
        tag_scheme: The tag scheme of its tags, if it has some.
        says_boundaries: Whether its annotation can tell touching spans of one slot from one.
        ignored: Files that are in no known format.
    """

    path: Path
    options: SourceOptions = field(default_factory=SourceOptions)
    only: Sequence[Path] | None = None
    formats: Counter[str] = field(default_factory=Counter)
    tag_scheme: str | None = None
    says_boundaries: bool = True
    ignored: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[RawSource]:
        """All files, in order; those of foreign formats after the others.

        Raises:
            MissingDataError: There is nothing to read.
            DataError: A file is broken, in no known format or in an unclear one.
        """
        self.options.check()
        asked = self.options.format
        waiting: list[RecognisedFile] = []
        handed_on: set[PurePosixPath] = set()
        try:
            for file in source_files(self.path, self.only):
                kept = recognised(file, asked, alone=self.path == Path(file.name))
                if kept.format and _reads_blocks(kept.format) and not kept.tagged:
                    yield self._blocks(file, kept.format)
                else:
                    waiting.append(kept)
            for source in self._waited(waiting, asked):
                handed_on |= {file.path for file in source.files}
                yield source
        finally:
            for kept in waiting:
                if kept.head.path not in handed_on:
                    kept.file.close()

    def _waited(self, waiting: Sequence[RecognisedFile], asked: str | None) -> Iterator[RawSource]:
        members = self._members(waiting, asked)
        if not asked:
            members = self._without_documents(members)
        taken = {file.path for groups in members.values() for group in groups for file in group}
        names = {**self.formats, **members}
        beside = companions(names)
        left = [
            kept
            for kept in waiting
            if kept.head.path not in taken
            and not any(fnmatch(kept.head.name, pattern) for pattern in beside)
        ]
        self.ignored = [kept.file.name for kept in left]
        self._check(names, left, asked)
        for name, groups in members.items():
            module = formats()[name]
            self.formats[name] += len(groups)
            if isinstance(module, TaggedFormat):
                yield from self._corpus(_TaggedRows(module, self.options.maps), groups)
            elif isinstance(module, RowFormat):
                yield from self._corpus(module, groups)

    def _members(
        self, waiting: Sequence[RecognisedFile], asked: str | None
    ) -> dict[str, list[tuple[SourceFile, ...]]]:
        """The files of each foreign format, one by one or in groups."""
        members: dict[str, list[tuple[SourceFile, ...]]] = {}
        for kept in waiting:
            if kept.format:
                members.setdefault(kept.format, []).append((kept.file,))
        rest = {kept.head.path: kept for kept in waiting if not kept.format}
        for name in [asked] if asked else formats():
            for group in groups_of([kept.head for kept in rest.values()], name):
                files = tuple(rest.pop(head.path).file for head in group)
                members.setdefault(name, []).append(files)
        if asked and not members and not self.formats:
            # Nothing looks like it, and still it is to be read as that.
            others = [kept.file for kept in rest.values() if not is_document(kept.head.path)]
            if others and isinstance(formats()[asked], RowFormat):
                members[asked] = [(file,) for file in others]
        return members

    def _without_documents(
        self, members: Mapping[str, list[tuple[SourceFile, ...]]]
    ) -> dict[str, list[tuple[SourceFile, ...]]]:
        """The files without documents that look like one format beside data of another.

        A guide to a corpus of CoNLL files may show examples in Rasa's Markdown.
        """
        data = {
            name: [group for group in groups if not is_document(group[0].path)]
            for name, groups in members.items()
        }
        formats_of_data = {*self.formats, *(name for name, groups in data.items() if groups)}
        kept = {
            name: groups if formats_of_data <= {name} else data[name]
            for name, groups in members.items()
        }
        return {name: groups for name, groups in kept.items() if groups}

    def _check(
        self, names: Collection[str], left: Sequence[RecognisedFile], asked: str | None
    ) -> None:
        """Refuses a source of no known format, or of several."""
        unread = [kept for kept in left if not is_document(kept.head.path)]
        if not names and not unread:
            raise MissingDataError(f"{self.path} holds no data; formats are {known_formats()}")
        claiming = [kept for kept in unread if not asked and claims_to_be_data(kept.head.path)]
        if not names or claiming:
            first, *others = claiming or unread
            more = f", and {len(others):,} other files like it" if others else ""
            reason = f"{unknown(first.head)}{more}"
            problem = Problem(first.file.name, reason, known_formats(), "--from NAME forces one")
            raise DataError(f"{self.path} was not imported", [problem])
        if len(names) > 1 and any(reads_rows(name) for name in names):
            titles = " and ".join(formats()[name].TITLE for name in names)
            todo = f"say which to import: --from {' or --from '.join(names)}"
            problem = Problem(str(self.path), f"files of several formats: {titles}", todo=todo)
            raise DataError(f"{self.path} was not imported", [problem])

    def _blocks(self, file: SourceFile, name: str) -> RawSource:
        self.formats[name] += 1
        module = formats()[name]
        assert isinstance(module, BlockFormat)
        hints = self._hints(file.path)

        def blocks() -> Iterator[RawBlock]:
            with file.utf8() as stream:
                read = module.read(stream, self.options.maps)
                yield from completed_blocks(read, file, hints)

        return RawSource(file.name, (file,), blocks)

    def _corpus(
        self, module: RowReader, groups: Sequence[tuple[SourceFile, ...]]
    ) -> Iterator[RawSource]:
        members = [ForeignFiles(group, self._hints(group[0].path)) for group in groups]
        corpus = ForeignCorpus(module, members)
        seen = survey(corpus)
        if seen.scheme is not None:
            self.tag_scheme = str(seen.scheme)
            self.says_boundaries &= seen.scheme.says_boundaries
        for place, member in enumerate(members):
            yield RawSource(member.name, member.files, partial(foreign_blocks, corpus, place, seen))

    def _hints(self, path: PurePosixPath) -> PathHints:
        asked = self.options
        alone = False
        if self.path.is_dir():
            path = PurePosixPath(self.path.resolve().name) / path
        elif not is_archive(self.path):
            path = PurePosixPath(self.path.resolve().parent.name) / path
            alone = True
        hints = path_hints(path, asked.languages)
        if alone:
            # A file by itself is what the command line says it is.
            return replace(
                hints,
                locale=asked.locale or hints.locale,
                partition=asked.partition or hints.partition,
            )
        return hints.completed(asked.locale, asked.partition)


@dataclass(frozen=True, slots=True)
class _TaggedRows:
    """Rows with tags of a format with MASSIVE's columns."""

    module: TaggedFormat
    maps: LabelMaps

    def read_rows(self, files: Sequence[SourceFile]) -> Iterator[ForeignRow]:
        for file in files:
            try:
                with file.utf8() as stream:
                    yield from self.module.read_tagged(stream, self.maps)
            except (pa.ArrowException, *DAMAGE) as error:
                raise file.broken(error) from None


def _reads_blocks(name: str) -> bool:
    return isinstance(formats()[name], BlockFormat)
