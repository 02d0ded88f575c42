"""From a raw source to a store: in parallel by file, whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pyarrow as pa

from massive_kit.data.intake.conversion import convert
from massive_kit.data.intake.locale_spellings import Spellings
from massive_kit.data.intake.part_writing import (
    LabelsSeen,
    PartFragment,
    merge_fragments,
    part_writer,
)
from massive_kit.data.intake.raw_rows import Mistake, Note
from massive_kit.data.intake.raw_sources import RawSource, SourceOptions, SourceReader
from massive_kit.data.intake.unpacking import DAMAGE
from massive_kit.data.span_schemes import SpanScheme
from massive_kit.data.store import Part, Store
from massive_kit.errors import DataError, Problem, UsageError
from massive_kit.files.atomic import atomic_file, atomic_folder
from massive_kit.languages import LanguageTable

REJECTED = "rejected.jsonl"
# All are written to the file of rejected rows; this many are kept in memory to be reported.
MAX_PROBLEMS = 100_000
OnFile = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to.

    Attributes:
        store: The store.
        rejected: How many rows were left out.
        rejects: The file that holds them and the reasons, if there are any.
        read_as: Locales that are spelled otherwise in the source, with what each was read as.
        formats: How many files were read in each format.
        tag_scheme: The tag scheme of its tags, if it has some.
        ignored: Files that are in no known format.
        notes: What was changed in rows, with their places.
    """

    store: Store
    rejected: int
    rejects: Path | None
    read_as: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, int] = field(default_factory=dict)
    tag_scheme: str | None = None
    ignored: Sequence[str] = ()
    notes: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass
class _ConvertedFile:
    """One raw file, converted."""

    name: str
    fragments: dict[tuple[str, str], PartFragment] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    seen: LabelsSeen = field(default_factory=LabelsSeen)
    spellings: Spellings = field(default_factory=Spellings)
    rows: int = 0


def import_data(
    source: Path,
    target: Path,
    *,
    name: str,
    version: str = "",
    languages: LanguageTable | None = None,
    progress: OnFile | None = None,
) -> Store:
    """Reads a raw source into a store at `target`, whole or not at all.

    Raises:
        MissingDataError: There is nothing at `source`.
        DataError: Rows are wrong; every mistake is reported.
    """
    return import_source(
        source,
        target,
        name=name,
        version=version,
        options=SourceOptions(languages=languages or LanguageTable.shipped()),
        progress=progress,
    ).store


def import_source(
    source: Path,
    target: Path,
    *,
    name: str,
    version: str = "",
    options: SourceOptions | None = None,
    skip_bad: bool = False,
    rejects: Path | None = None,
    only: Sequence[Path] | None = None,
    scheme: SpanScheme | None = None,
    progress: OnFile | None = None,
) -> Imported:
    """Reads a raw source into a store at `target`, whole or not at all.

    Args:
        source: An archive, a folder or a file, in any of the known formats.
        target: Folder of the store; an older store there is replaced.
        name: What the store is called.
        version: The version that the data claim to be, such as `1.1`, or "".
        options: The format, locale and partition of the source where it does not say, what
            integers in place of labels mean, and the language table.
        skip_bad: Keep the good rows although others are bad.
        rejects: Where bad rows are written, each with its reasons. By default `rejected.jsonl` in
            the store.
        only: Read only these files of a folder.
        scheme: What a span is; by default `runs` for MASSIVE's labels, else `brackets`.
        progress: Called with the name and the number of rows of each file when it is done.

    Raises:
        MissingDataError: There is nothing at `source`.
        DataError: Rows are wrong and `skip_bad` is not set, or nothing is right.
        UsageError: The scheme is `brackets`, and the source's tags cannot say where spans begin.
    """
    options = options or SourceOptions()
    table = options.languages
    reader = SourceReader(source, options, only)
    with atomic_folder(target) as folder:
        fragments: dict[tuple[str, str], list[PartFragment]] = defaultdict(list)
        mistakes: list[tuple[str, Mistake]] = []
        notes: dict[str, list[str]] = defaultdict(list)
        seen, spellings = LabelsSeen(), Spellings()
        for read in _read_all(iter(reader), folder, table):
            for key, fragment in read.fragments.items():
                fragments[key].append(fragment)
            mistakes += [(read.name, mistake) for mistake in read.mistakes]
            for note in read.notes:
                notes[note.text].append(f"{read.name}:{note.line}")
            seen.add(read.seen)
            spellings.add(read.spellings)
            if progress:
                progress(read.name, read.rows)
        parts: dict[str, dict[str, Part]] = {}
        for locale, partition in sorted(fragments):
            part_path = folder / locale / f"{partition}.parquet"
            merged = merge_fragments(fragments[locale, partition], part_path)
            parts.setdefault(locale, {})[partition] = merged.part
            mistakes += merged.mistakes
        shutil.rmtree(_scratch(folder), ignore_errors=True)
        if mistakes and (rejects or skip_bad):
            _write_rejects(rejects or folder / REJECTED, mistakes)
        unlike = list(spellings.problems())
        if mistakes and not skip_bad:
            raise _refusal(source, mistakes, rejects, unlike)
        if unlike:
            raise DataError(f"{source} was not imported: two spellings of one locale", unlike)
        if not parts:
            raise DataError(
                f"{source} was not imported", [Problem(str(source), "no good row", "utterances")]
            )
        characters = frozenset(locale for locale in parts if table[locale].character_scored)
        inventory = seen.inventory(_scheme(scheme, reader))
        Store(folder, name, version, inventory, parts, characters).write_index()
    path = (rejects or target / REJECTED) if mistakes else None
    return Imported(
        Store.open(target),
        len(mistakes),
        path,
        read_as=spellings.changed,
        formats=reader.formats,
        tag_scheme=reader.tag_scheme,
        ignored=reader.ignored,
        notes=notes,
    )


def _scheme(asked: SpanScheme | None, reader: SourceReader) -> SpanScheme | None:
    if reader.says_boundaries:
        return asked
    if asked == "brackets":
        raise UsageError(
            f"these tags ({reader.tag_scheme}) cannot tell two touching spans of one slot from one,"
            " so the span scheme cannot be 'brackets'"
        )
    return "runs"


def _read_all(
    sources: Iterator[RawSource], folder: Path, table: LanguageTable
) -> Iterator[_ConvertedFile]:
    """All files of a source, converted side by side and given back in their order."""
    workers = max(2, min(4, os.cpu_count() or 2))
    waiting: list[tuple[RawSource, Future[_ConvertedFile]]] = []
    with ThreadPoolExecutor(workers, "import") as pool:
        try:
            for number, raw in enumerate(sources):
                scratch = _scratch(folder) / str(number)
                waiting.append((raw, pool.submit(_read_file, raw, scratch, table)))
                # Archives are read ahead of the workers, so the queue bounds memory.
                while len(waiting) > workers:
                    yield waiting.pop(0)[1].result()
            while waiting:
                yield waiting.pop(0)[1].result()
        finally:
            for raw, future in waiting:
                if future.cancel():
                    raw.close()


def _read_file(raw: RawSource, scratch: Path, table: LanguageTable) -> _ConvertedFile:
    read = _ConvertedFile(raw.name)
    try:
        for block in raw.blocks():
            converted = convert(block, table)
            read.mistakes += converted.mistakes
            read.spellings.see(converted.spellings, raw.name)
            read.notes += [*block.notes, *converted.notes]
            read.rows += len(block.table)
            for rows in converted.rows:
                read.seen.see(rows.table)
                key = (rows.locale, rows.partition)
                if key not in read.fragments:
                    path = scratch / f"{len(read.fragments)}.parquet"
                    read.fragments[key] = PartFragment(raw.name, path, part_writer(path))
                read.fragments[key].write(rows)
    except (pa.ArrowInvalid, *DAMAGE) as error:
        problem = Problem(raw.name, f"the file is broken: {error}"[:300])
        raise DataError(f"{raw.name} cannot be read", [problem]) from None
    finally:
        raw.close()
        for fragment in read.fragments.values():
            fragment.writer.close()
    return read


def _scratch(folder: Path) -> Path:
    return folder / ".fragments"


def _write_rejects(path: Path, mistakes: list[tuple[str, Mistake]]) -> None:
    with atomic_file(path) as stream:
        for name, mistake in mistakes:
            value = {
                "file": name,
                "line": mistake.line,
                "reason": mistake.reason,
                "row": mistake.source,
            }
            stream.write(orjson.dumps(value) + b"\n")


def _refusal(
    source: Path,
    mistakes: list[tuple[str, Mistake]],
    rejects: Path | None,
    more: Sequence[Problem],
) -> DataError:
    problems = [
        *more,
        *(
            Problem(name, mistake.reason, line=mistake.line)
            for name, mistake in mistakes[:MAX_PROBLEMS]
        ),
    ]
    where = f"; all of them are in {rejects}" if rejects else ""
    summary = (
        f"{source} was not imported: {len(mistakes):,} bad rows (--skip-bad leaves them out){where}"
    )
    return DataError(summary, problems, len(mistakes) + len(more))
