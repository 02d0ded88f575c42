"""Rows of a foreign corpus to MASSIVE's columns.

It is read twice. The first reading tells what no row can say alone: which tag scheme the corpus is
in, and which files share a locale and partition, so that ids by position would not be unique.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

import numpy as np
import pyarrow as pa

from massive_kit.data.intake.annotating import AnnotatedText, AnnotationError, annotated_text
from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.formats import RowReader
from massive_kit.data.intake.partition_names import canonical_partition
from massive_kit.data.intake.path_hints import PathHints, lacking
from massive_kit.data.intake.place_prefixes import place_prefixes
from massive_kit.data.intake.raw_rows import RAW_SCHEMA, Mistake, Note, RawBlock
from massive_kit.data.intake.source_files import SourceFile, is_not_utf8
from massive_kit.data.intake.tag_recognition import recognise
from massive_kit.data.intake.tag_schemes import TagScheme
from massive_kit.errors import DataError, Problem, TagError

# Rows that are converted at a time.
BLOCK_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class ForeignFiles:
    """One file of a foreign format, or a group of files that belong together.

    Attributes:
        files: In the order in which the format wants them; messages name the first.
        hints: What their path, or an option, says.
    """

    files: tuple[SourceFile, ...]
    hints: PathHints

    @property
    def name(self) -> str:
        """As messages name them."""
        return self.files[0].name


@dataclass(frozen=True, slots=True)
class ForeignCorpus:
    """All files of a source that are of one foreign format.

    Attributes:
        module: What reads it.
        members: The files, or groups of files.
    """

    module: RowReader
    members: Sequence[ForeignFiles]


@dataclass(slots=True)
class Survey:
    """What the first reading tells.

    Attributes:
        scheme: The tag scheme; `None` where spans are marked in another way.
        prefixes: What ids by position begin with, by the place of a member; "" for most.
    """

    scheme: TagScheme | None = None
    prefixes: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Sight:
    """What a member lacks, and where its numbered rows belong."""

    numbered: set[tuple[str, str]] = field(default_factory=set)
    without: dict[str, int] = field(default_factory=dict)


def survey(corpus: ForeignCorpus) -> Survey:
    """The first reading of a corpus.

    Raises:
        DataError: Rows lack a locale or a partition that neither path nor option says; or the tags
            are in no scheme.
    """
    sights = [_Sight() for _ in corpus.members]

    def tag_rows() -> Iterator[Sequence[str]]:
        for member, sight in zip(corpus.members, sights, strict=True):
            for row in corpus.module.read_rows(member.files):
                _look(row, member.hints, sight)
                if row.tags is not None and not row.mistakes:
                    yield row.tags

    rows = tag_rows()
    first = next(rows, None)
    names = corpus.members[0].name
    try:
        scheme = None if first is None else recognise(chain([first], rows))
    except TagError as error:
        problem = Problem(names, str(error))
        raise DataError(f"the tags of {names} cannot be read", [problem]) from None
    problems = [
        lacking(what, member.name, line, member.hints)
        for member, sight in zip(corpus.members, sights, strict=True)
        for what, line in sight.without.items()
    ]
    if problems:
        raise DataError("the files do not say enough", problems)
    return Survey(scheme, _prefixes(corpus.members, sights))


def foreign_blocks(corpus: ForeignCorpus, place: int, seen: Survey) -> Iterator[RawBlock]:
    """The rows of one member, block by block: the second reading.

    Args:
        corpus: The corpus.
        place: Which member.
        seen: What the first reading told.
    """
    member = corpus.members[place]
    numbered = enumerate(corpus.module.read_rows(member.files), 1)
    while rows := list(islice(numbered, BLOCK_ROWS)):
        yield _block(rows, member.hints, seen.prefixes.get(place, ""), seen.scheme)


def _look(row: ForeignRow, hints: PathHints, sight: _Sight) -> None:
    locale = hints.locale_of(row.locale)
    partition = row.partition or hints.partition
    if row.mistakes:
        return
    if not locale:
        sight.without.setdefault("locale", row.line)
    if not partition:
        sight.without.setdefault("partition", row.line)
    if row.id is None and locale and partition:
        sight.numbered.add((locale, canonical_partition(partition)))


def _prefixes(members: Sequence[ForeignFiles], sights: Sequence[_Sight]) -> dict[int, str]:
    paths = [member.files[0].path for member in members]
    parts = {path: sight.numbered for path, sight in zip(paths, sights, strict=True)}
    prefixes = place_prefixes(parts)
    return {place: prefixes[path] for place, path in enumerate(paths) if path in prefixes}


def _block(
    numbered: Sequence[tuple[int, ForeignRow]],
    hints: PathHints,
    prefix: str,
    scheme: TagScheme | None,
) -> RawBlock:
    columns: list[dict[str, Any]] = []
    kept: list[ForeignRow] = []
    mistakes: list[Mistake] = []
    notes: list[Note] = []
    for number, row in numbered:
        try:
            utterance = _text_of(row, scheme)
        except AnnotationError as error:
            source = row.source.encode(errors="surrogateescape").decode(errors="replace")
            mistakes.append(Mistake(row.line, str(error), source))
            continue
        notes += [Note(row.line, note) for note in (*row.notes, *utterance.notes)]
        kept.append(row)
        columns.append(
            {
                "id": row.id if row.id is not None else f"{prefix}{number}",
                "locale": hints.locale_of(row.locale),
                "partition": row.partition or hints.partition,
                "scenario": row.scenario,
                "intent": row.intent,
                "utt": utterance.text,
                "annot_utt": utterance.annotated,
            }
        )
    table = pa.Table.from_pylist(columns, schema=RAW_SCHEMA)
    lines = np.array([row.line for row in kept], np.int64)
    annotation = "slots" if scheme is None else "tags"
    return RawBlock(
        table,
        lines,
        lambda place: kept[place].source,
        mistakes,
        notes,
        annotation=annotation,
    )


def _text_of(row: ForeignRow, scheme: TagScheme | None) -> AnnotatedText:
    texts = (row.source, row.id, row.intent, row.scenario, row.text, *(row.tokens or ()))
    if any(is_not_utf8(text) for text in texts if text):
        raise AnnotationError("text that is not UTF-8; save the file as UTF-8")
    if row.mistakes:
        raise AnnotationError("; ".join(row.mistakes))
    return annotated_text(row, scheme)
