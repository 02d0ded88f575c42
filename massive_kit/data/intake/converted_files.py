"""Files of a source, converted side by side into fragments of the store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pyarrow as pa

from massive_kit.data.intake.conversion import ConvertedBlock
from massive_kit.data.intake.label_kinds import LabelKinds
from massive_kit.data.intake.locale_spellings import Spellings
from massive_kit.data.intake.part_writing import (
    LabelsSeen,
    PartFragment,
    merge_fragments,
    part_writer,
)
from massive_kit.data.intake.place_prefixes import place_prefixes
from massive_kit.data.intake.raw_rows import Mistake, Note, NotRowsError, RawBlock
from massive_kit.data.intake.raw_sources import RawSource
from massive_kit.data.intake.unpacking import DAMAGE
from massive_kit.data.span_schemes import SpanScheme
from massive_kit.data.store import Part
from massive_kit.errors import DataError, Problem

Converting = Callable[[RawBlock], ConvertedBlock]


@dataclass
class ConvertedFile:
    """One raw file, or files that belong together, converted.

    Attributes:
        name: As messages name it.
        path: Its place in the source, or that of the first of them.
        fragments: The good rows, on disk, by locale and partition.
        mistakes: The bad rows.
        notes: What was changed in rows.
        remarks: What is to be told once of the whole source.
        schemes: What a span is, where the file itself says.
        seen: The labels that occur.
        spellings: How locales are spelled.
        kinds: Whether labelled rows have intents, slots or both.
        rows: How many rows there are.
    """

    name: str
    path: PurePosixPath
    fragments: dict[tuple[str, str], PartFragment] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    remarks: dict[str, None] = field(default_factory=dict)
    schemes: set[SpanScheme] = field(default_factory=set)
    seen: LabelsSeen = field(default_factory=LabelsSeen)
    spellings: Spellings = field(default_factory=Spellings)
    kinds: LabelKinds = field(default_factory=LabelKinds)
    rows: int = 0


@dataclass
class ConvertedSource:
    """What all files of a source came to.

    Attributes:
        fragments: The good rows, on disk, by locale and partition, in the order of the files.
        mistakes: The bad rows, each with its file.
        notes: What was changed in rows, with their places.
        remarks: What is to be told once of the whole source.
        schemes: What a span is, where files themselves say.
        seen: The labels that occur.
        spellings: How locales are spelled.
        kinds: Whether labelled rows have intents, slots or both.
        numbered: The parts of each file whose rows are numbered by their places.
    """

    fragments: dict[tuple[str, str], list[PartFragment]] = field(default_factory=dict)
    mistakes: list[tuple[str, Mistake]] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)
    remarks: dict[str, None] = field(default_factory=dict)
    schemes: set[SpanScheme] = field(default_factory=set)
    seen: LabelsSeen = field(default_factory=LabelsSeen)
    spellings: Spellings = field(default_factory=Spellings)
    kinds: LabelKinds = field(default_factory=LabelKinds)
    numbered: dict[PurePosixPath, dict[tuple[str, str], PartFragment]] = field(default_factory=dict)

    def add(self, read: ConvertedFile) -> None:
        """Adds a file."""
        for key, fragment in read.fragments.items():
            self.fragments.setdefault(key, []).append(fragment)
            if fragment.numbered:
                self.numbered.setdefault(read.path, {})[key] = fragment
        self.mistakes += [(read.name, mistake) for mistake in read.mistakes]
        for note in read.notes:
            self.notes.setdefault(note.text, []).append(f"{read.name}:{note.line}")
        self.remarks |= read.remarks
        self.schemes |= read.schemes
        self.seen.add(read.seen)
        self.spellings.add(read.spellings)
        self.kinds.add(read.kinds)

    def merged(self, folder: Path) -> dict[str, dict[str, Part]]:
        """The parts of a store, by locale and partition; ids that occur twice are mistakes, too.

        Args:
            folder: The store's, into which they are written.
        """
        self._tell_apart()
        parts: dict[str, dict[str, Part]] = {}
        for locale, partition in sorted(self.fragments):
            path = folder / locale / f"{partition}.parquet"
            part = merge_fragments(self.fragments[locale, partition], path)
            parts.setdefault(locale, {})[partition] = part.part
            self.mistakes += part.mistakes
        return parts

    def _tell_apart(self) -> None:
        """Puts the name of a file before its rows' places, where other files share its parts."""
        prefixes = place_prefixes({path: {*parts} for path, parts in self.numbered.items()})
        for path, prefix in prefixes.items():
            for fragment in self.numbered[path].values():
                fragment.prefix = prefix

    def disagreements(self) -> list[Problem]:
        """What its rows do not have in common, and must."""
        return [*self.spellings.problems(), *self.kinds.problems()]


def converted_files(
    sources: Iterator[RawSource], scratch: Path, converting: Converting
) -> Iterator[ConvertedFile]:
    """All files of a source, converted side by side and given back in their order.

    Args:
        sources: The files.
        scratch: Folder for their fragments.
        converting: Converts a block of rows.

    Raises:
        DataError: A file is broken, or holds no utterances.
    """
    workers = max(2, min(4, os.cpu_count() or 2))
    waiting: list[tuple[RawSource, Future[ConvertedFile]]] = []
    with ThreadPoolExecutor(workers, "import") as pool:
        try:
            for number, raw in enumerate(sources):
                place = scratch / str(number)
                waiting.append((raw, pool.submit(_converted, raw, place, converting)))
                # Archives are read ahead of the workers, so the queue bounds memory.
                while len(waiting) > workers:
                    yield waiting.pop(0)[1].result()
            while waiting:
                yield waiting.pop(0)[1].result()
        finally:
            for raw, future in waiting:
                if future.cancel():
                    raw.close()


def _converted(raw: RawSource, scratch: Path, converting: Converting) -> ConvertedFile:
    read = ConvertedFile(raw.name, raw.files[0].path)
    try:
        for block in raw.blocks():
            converted = converting(block)
            read.mistakes += converted.mistakes
            read.spellings.see(converted.spellings, raw.name)
            read.kinds.see(converted.kinds, raw.name)
            read.notes += [*block.notes, *converted.notes]
            read.remarks |= dict.fromkeys(block.remarks)
            read.schemes |= {block.span_scheme} if block.span_scheme else set()
            read.rows += len(block.table)
            for rows in converted.rows:
                read.seen.see(rows.table)
                key = (rows.locale, rows.partition)
                if key not in read.fragments:
                    path = scratch / f"{len(read.fragments)}.parquet"
                    read.fragments[key] = PartFragment(
                        raw.name, path, part_writer(path), numbered=block.numbered
                    )
                read.fragments[key].write(rows)
    except (pa.ArrowException, NotRowsError, *DAMAGE) as error:
        what = "" if isinstance(error, NotRowsError) else "the file is broken: "
        problem = Problem(raw.name, f"{what}{error}"[:300])
        raise DataError(f"{raw.name} cannot be read", [problem]) from None
    finally:
        raw.close()
        for fragment in read.fragments.values():
            fragment.writer.close()
    return read
