"""MTOP's tab-separated files: id, intent, slots with offsets, utterance, domain, locale, parse.

A slot stands as `14:22:SL:DATE_TIME`. Offsets count bytes of UTF-8, as the makers' tools do, or
code points: whichever gives the texts that the parse has. The parse is decoupled, that is without
the words outside of slots, or holds the whole utterance. Names keep `IN:` and `SL:`; a slot within
a slot is left out. Locales such as `en_XX` say the language alone. The files `eval` are dev sets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from massive_kit.data.intake.foreign_rows import ForeignRow, SlotSpan
from massive_kit.data.intake.semantic_parse import NESTED, ParseError, partition_in, read_parse
from massive_kit.data.intake.slot_offsets import counts_bytes, spans_by_offsets
from massive_kit.data.intake.source_files import FileHead, SourceFile

TITLE = "MTOP, tab-separated"
_COLUMNS = ("id", "intent", "slots", "utterance", "domain", "locale", "parse")
_NO_REGION = "_XX"


def recognises(head: FileHead) -> bool:
    """Whether one of the first two rows, of which the first may be a header, is one of MTOP's."""
    return any(map(_is_row, [line for line in head.lines if line.strip()][:2]))


def read_rows(files: Sequence[SourceFile]) -> Iterator[ForeignRow]:
    """The rows of a file."""
    for file in files:
        in_bytes = _counts_bytes(file)
        for number, line in enumerate(file.lines(), 1):
            is_header = number == 1 and "[" not in line
            if line.strip() and not is_header:
                yield _row(number, line, partition_in(file.path), in_bytes=in_bytes)


def _is_row(line: str) -> bool:
    columns = line.split("\t")
    return (
        len(columns) >= len(_COLUMNS)
        and columns[1].startswith("IN:")
        and columns[6].startswith("[IN:")
    )


def _counts_bytes(file: SourceFile) -> bool:
    """What the first row tells that can be read in one way alone."""
    for line in filter(_is_row, file.lines()):
        columns = line.split("\t")
        try:
            in_bytes = counts_bytes(columns[2], columns[3], read_parse(columns[6]))
        except ParseError:
            continue
        if in_bytes is not None:
            return in_bytes
    return True


def _row(number: int, line: str, partition: str | None, *, in_bytes: bool) -> ForeignRow:
    columns = line.split("\t")
    # The eighth holds tokens, which come from the text alone here.
    if len(columns) not in {len(_COLUMNS), len(_COLUMNS) + 1}:
        reason = f"{len(columns)} columns; 7 or 8 are wanted: {', '.join(_COLUMNS)}, tokens"
        return ForeignRow(number, line, mistakes=[reason])
    identifier, intent, slots, text, domain, locale, written = columns[: len(_COLUMNS)]
    spans: Sequence[SlotSpan] = []
    mistakes: list[str] = []
    notes: list[str] = []
    try:
        parse = read_parse(written)
        if parse.intent.name != intent:
            mistakes.append(f"the intent is {intent!r}, that of the parse {parse.intent.name!r}")
        spans = spans_by_offsets(slots, text, parse, bytes_first=in_bytes)
        if parse.nested:
            notes.append(NESTED)
    except ParseError as error:
        mistakes.append(str(error))
    return ForeignRow(
        number,
        line,
        id=identifier or None,
        locale=locale.removesuffix(_NO_REGION) or None,
        partition=partition,
        intent=intent,
        scenario=domain or None,
        text=text,
        spans=spans,
        mistakes=mistakes,
        notes=notes,
    )
