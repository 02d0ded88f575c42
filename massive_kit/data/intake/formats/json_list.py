"""A JSON list of rows with MASSIVE's columns, or of tokens with tags."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

import numpy as np
import pyarrow as pa

from massive_kit.data.intake.column_names import PREDICTIONS, are_predictions, has_tagged_tokens
from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.label_maps import LabelMaps
from massive_kit.data.intake.located_json import LocatedJson
from massive_kit.data.intake.raw_rows import RAW_SCHEMA, Mistake, NotRowsError, RawBlock
from massive_kit.data.intake.row_normalising import RowError, plain_row, remarks, tagged_row
from massive_kit.data.intake.source_files import MAX_TEXT, FileHead, SourceFile, is_not_utf8
from massive_kit.errors import DataError

TITLE = "a JSON list of rows with the columns of MASSIVE"
SUFFIXES = ()
# Rows that are converted at a time.
BLOCK_ROWS = 5_000
_START = re.compile(r"\ufeff?\s*\[\s*(?=\{)")


def recognises(head: FileHead) -> bool:
    """Whether it is a list whose first item has utterances, or tokens with tags."""
    text = head.text or ""
    start = _START.match(text)
    if start is None:
        return False
    try:
        row, _ = json.JSONDecoder().raw_decode(text, start.end())
    except (ValueError, RecursionError):
        return False
    return "utt" in row or "annot_utt" in row or has_tagged_tokens(row)


def read(stream: IO[bytes], maps: LabelMaps) -> Iterator[RawBlock]:
    """The rows of a file, block by block.

    Raises:
        NotRowsError: It is not JSON, or of predictions.
    """
    rows = _rows(stream)
    first = 1
    while some := list(islice(rows, BLOCK_ROWS)):
        if isinstance(some[0][2], dict) and are_predictions(some[0][2]):
            raise NotRowsError(PREDICTIONS)
        yield _block(some, first, maps)
        first += len(some)


def has_tags(stream: IO[bytes]) -> bool:
    """Whether the first row is tokens with tags."""
    try:
        _, _, value = next(_rows(stream), (1, "", None))
    except NotRowsError:
        # Told where the rows are read.
        return False
    return isinstance(value, dict) and has_tagged_tokens(value)


def read_tagged(stream: IO[bytes], maps: LabelMaps) -> Iterator[ForeignRow]:
    """The rows of a file of tokens with tags."""
    for line, source, value in _rows(stream):
        yield tagged_row(line, source, value, maps)


def _rows(stream: IO[bytes]) -> Iterator[tuple[int, str, Any]]:
    """Line, text and value of each item."""
    data = stream.read(MAX_TEXT + 1)
    try:
        located = LocatedJson(SourceFile.of_bytes("list", data))
    except DataError as error:
        problem = error.problems[0]
        place = f" (line {problem.line})" if problem.line else ""
        raise NotRowsError(f"{problem.found}{place}") from None
    for start in located.items(located.start):
        value, end = located.value(start)
        yield located.line(start), located.text[start:end], value


def _block(rows: list[tuple[int, str, Any]], first: int, maps: LabelMaps) -> RawBlock:
    columns: list[dict[str, Any]] = []
    kept: list[tuple[int, str]] = []
    numbers: list[int] = []
    mistakes: list[Mistake] = []
    row_remarks: dict[str, None] = {}
    for number, (line, source, value) in enumerate(rows, first):
        shown = source.encode(errors="surrogateescape").decode(errors="replace")
        try:
            row = plain_row(value, maps)
        except RowError as error:
            mistakes.append(Mistake(line, str(error), shown))
            continue
        if reason := _not_text(source, row):
            mistakes.append(Mistake(line, reason, shown))
        else:
            columns.append(row)
            kept.append((line, source))
            numbers.append(number)
            row_remarks |= dict.fromkeys(remarks(value, maps))
    table = pa.Table.from_pylist(columns, schema=RAW_SCHEMA)
    lines = np.array([line for line, _ in kept], np.int64)
    return RawBlock(
        table,
        lines,
        lambda at: kept[at][1],
        mistakes,
        remarks=[*row_remarks],
        # `json.dump` writes all rows into one line.
        numbers=np.array(numbers, np.int64),
    )


def _not_text(source: str, row: dict[str, Any]) -> str | None:
    """Why texts of a row cannot be stored, or `None` where they can."""
    if is_not_utf8(source):
        return "text that is not UTF-8; save the file as UTF-8"
    # An escape such as `\\ud83d` is half of a character, and json does not look for the other half.
    if "\\ud" in source.lower() and is_not_utf8(json.dumps(row, ensure_ascii=False)):
        return "an escape such as \\ud83d without the other one of its pair, which is no character"
    return None
