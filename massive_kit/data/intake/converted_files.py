"""Files of a source, converted side by side into fragments of the store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from massive_kit.data.intake.conversion import ConvertedBlock
from massive_kit.data.intake.label_kinds import LabelKinds
from massive_kit.data.intake.locale_spellings import Spellings
from massive_kit.data.intake.part_writing import LabelsSeen, PartFragment, part_writer
from massive_kit.data.intake.raw_rows import Mistake, Note, NotRowsError, RawBlock
from massive_kit.data.intake.raw_sources import RawSource
from massive_kit.data.intake.unpacking import DAMAGE
from massive_kit.data.span_schemes import SpanScheme
from massive_kit.errors import DataError, Problem

Converting = Callable[[RawBlock], ConvertedBlock]


@dataclass
class ConvertedFile:
    """One raw file, or files that belong together, converted.

    Attributes:
        name: As messages name it.
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
    fragments: dict[tuple[str, str], PartFragment] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    remarks: dict[str, None] = field(default_factory=dict)
    schemes: set[SpanScheme] = field(default_factory=set)
    seen: LabelsSeen = field(default_factory=LabelsSeen)
    spellings: Spellings = field(default_factory=Spellings)
    kinds: LabelKinds = field(default_factory=LabelKinds)
    rows: int = 0


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
    read = ConvertedFile(raw.name)
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
                    read.fragments[key] = PartFragment(raw.name, path, part_writer(path))
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
