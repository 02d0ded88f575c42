"""TOP and TOPv2, tab-separated: an utterance and its parse, which holds all of its words.

TOPv2 has a header and the columns domain, utterance, semantic_parse; TOP has no header and the
columns utterance, tokens, parse. Names keep `IN:` and `SL:`; a slot within a slot is left out. The
files `eval` are dev sets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.semantic_parse import NESTED, ParseError, partition_in, read_parse
from massive_kit.data.intake.source_files import FileHead, SourceFile

TITLE = "TOP or TOPv2, tab-separated"
_HEADER = ["domain", "utterance", "semantic_parse"]


def recognises(head: FileHead) -> bool:
    """Whether there is TOPv2's header, or a first row of three columns that ends in a parse."""
    first = next((line for line in head.lines if line.strip()), "").split("\t")
    return first == _HEADER or (len(first) == len(_HEADER) and first[-1].startswith("[IN:"))


def read_rows(files: Sequence[SourceFile]) -> Iterator[ForeignRow]:
    """The rows of a file."""
    for file in files:
        with_header = False
        for number, line in enumerate(file.lines(), 1):
            if line.split("\t") == _HEADER:
                with_header = True
            elif line.strip():
                yield _row(number, line, partition_in(file.path), with_header=with_header)


def _row(number: int, line: str, partition: str | None, *, with_header: bool) -> ForeignRow:
    columns = line.split("\t")
    if len(columns) != len(_HEADER):
        wanted = ", ".join(_HEADER if with_header else ("utterance", "tokens", "parse"))
        reason = f"{len(columns)} columns; 3 are wanted: {wanted}"
        return ForeignRow(number, line, mistakes=[reason])
    text = columns[1] if with_header else columns[0]
    try:
        parse = read_parse(columns[2])
    except ParseError as error:
        return ForeignRow(number, line, mistakes=[str(error)])
    spans = parse.spans_in(text)
    if spans is None:
        reason = "the parse does not hold the words of the utterance, or a slot of it is empty"
        return ForeignRow(number, line, mistakes=[reason])
    return ForeignRow(
        number,
        line,
        partition=partition,
        intent=parse.intent.name,
        scenario=columns[0] or None if with_header else None,
        text=text,
        spans=spans,
        notes=[NESTED] if parse.nested else [],
    )
