"""From a raw source to a store: in parallel by file, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from massive_kit.data.declared_inventory import DeclaredInventory
from massive_kit.data.intake.conversion import convert
from massive_kit.data.intake.converted_files import ConvertedSource, converted_files
from massive_kit.data.intake.raw_sources import SourceReader
from massive_kit.data.intake.rejected_rows import refusal, write_rejected
from massive_kit.data.intake.source_options import SourceOptions
from massive_kit.data.replacing import refuse_other_data
from massive_kit.data.span_schemes import SpanScheme
from massive_kit.data.store import Part, Store
from massive_kit.errors import DataError, Problem, UsageError
from massive_kit.files.atomic import atomic_folder
from massive_kit.languages import LanguageTable

REJECTED = "rejected.jsonl"
# Locales in a message.
_SOME = 10
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
        remarks: What is to be told of the whole source.
    """

    store: Store
    rejected: int
    rejects: Path | None
    read_as: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, int] = field(default_factory=dict)
    tag_scheme: str | None = None
    ignored: Sequence[str] = ()
    notes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    remarks: Sequence[str] = ()


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
    declared: DeclaredInventory | None = None,
    overwrite: bool = True,
    progress: OnFile | None = None,
) -> Imported:
    """Reads a raw source into a store at `target`, whole or not at all.

    Args:
        source: An archive, a folder or a file, in any of the known formats.
        target: Folder of the store.
        name: What the store is called.
        version: The version that the data claim to be, such as `1.1`, or "".
        options: The format, locale and partition of the source where it does not say, what
            integers in place of labels mean, and the language table.
        skip_bad: Keep the good rows although others are bad.
        rejects: Where bad rows are written, each with its reasons. By default `rejected.jsonl` in
            the store.
        only: Read only these files of a folder.
        scheme: What a span is; by default what is declared, else `runs` for MASSIVE's labels and
            `brackets` for others.
        declared: The labels that rows may have, whether all occur or not; by default those that
            occur, or MASSIVE's where they hold those.
        overwrite: Whether an older store at `target` is replaced even if it holds other data.
        progress: Called with the name and the number of rows of each file when it is done.

    Raises:
        MissingDataError: There is nothing at `source`.
        DataError: Rows are wrong and `skip_bad` is not set, or nothing is right.
        UsageError: The scheme is `brackets`, and the source's tags cannot say where spans begin; or
            there is a store with other data that is not to be replaced.
    """
    options = options or SourceOptions()
    reader = SourceReader(source, options, only)
    with atomic_folder(target) as folder:
        read = ConvertedSource()
        labels = declared.inventory if declared else None
        converting = partial(convert, languages=options.languages, declared=labels)
        scratch = folder / ".fragments"
        for file in converted_files(iter(reader), scratch, converting):
            read.add(file)
            if progress:
                progress(file.name, file.rows)
        parts = read.merged(folder)
        shutil.rmtree(scratch, ignore_errors=True)
        if read.mistakes and (rejects or skip_bad):
            write_rejected(rejects or folder / REJECTED, read.mistakes)
        _check(source, read, parts, rejects, skip_bad=skip_bad)
        inventory = read.seen.inventory(_scheme(scheme, reader, read.schemes), declared)
        characters = frozenset(
            locale for locale in parts if options.languages[locale].character_scored
        )
        store = Store(folder, name, version, inventory, parts, characters)
        if not overwrite:
            refuse_other_data(target, store)
        store.write_index()
    return Imported(
        Store.open(target),
        len(read.mistakes),
        (rejects or target / REJECTED) if read.mistakes else None,
        read_as=read.spellings.changed,
        formats=reader.formats,
        tag_scheme=reader.tag_scheme,
        ignored=reader.ignored,
        notes=read.notes,
        remarks=[
            *read.remarks,
            *read.kinds.remarks(),
            *options.unused(parts),
            *_without_facts(parts, options.languages),
        ],
    )


def _check(
    source: Path,
    read: ConvertedSource,
    parts: Mapping[str, Mapping[str, Part]],
    rejects: Path | None,
    *,
    skip_bad: bool,
) -> None:
    """Refuses a source with bad rows, with rows that do not agree, or without a good one."""
    unlike = read.disagreements()
    if read.mistakes and not skip_bad:
        raise refusal(source, read.mistakes, rejects, unlike)
    if unlike:
        raise DataError(f"{source} was not imported: its rows do not agree", unlike)
    if not parts:
        problem = Problem(str(source), "no good row", "utterances")
        raise DataError(f"{source} was not imported", [problem])


def _without_facts(locales: Iterable[str], table: LanguageTable) -> Iterator[str]:
    """What to tell of locales of which no table says anything."""
    lacking = [locale for locale in locales if locale not in table]
    if lacking:
        more = len(lacking) - _SOME
        names = ", ".join(lacking[:_SOME]) + (f" and {more:,} more" if more > 0 else "")
        yield (
            f"the language table lacks {names}: groups by language family and the like have no"
            " data; a task names a table of yours (`languages: FILE`), and so does --languages"
        )


def _scheme(
    asked: SpanScheme | None, reader: SourceReader, declared: Collection[SpanScheme]
) -> SpanScheme | None:
    if reader.says_boundaries:
        return asked or (next(iter(declared)) if len(declared) == 1 else None)
    if asked == "brackets":
        raise UsageError(
            f"these tags ({reader.tag_scheme}) cannot tell two touching spans of one slot from one,"
            " so the span scheme cannot be 'brackets'"
        )
    return "runs"
