"""Tables of MASSIVE's columns under a header, as pandas writes them: CSV, or TSV.

Cells may be quoted and hold line breaks; in TSV a quote is text unless cells are evidently quoted.
Columns of structures (`judgments`, `slot_method`) are
not read, since no two writers spell them alike.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, Any

import numpy as np
import pyarrow as pa

from massive_kit.data.intake.column_names import ALIASES, PREDICTIONS, are_predictions
from massive_kit.data.intake.label_maps import LabelMaps
from massive_kit.data.intake.raw_rows import RAW_SCHEMA, Mistake, NotRowsError, RawBlock
from massive_kit.data.intake.row_normalising import RowError, plain_row, remarks
from massive_kit.data.intake.source_files import MAX_LINE, FileHead, is_not_utf8
from massive_kit.data.intake.tab_quoting import tab_rows

TITLE = "a table with the columns of MASSIVE (CSV, TSV)"
SUFFIXES = ()
# Rows that are converted at a time.
BLOCK_ROWS = 5_000
_STRUCTURES = frozenset({"judgments", "slot_method"})


def recognises(head: FileHead) -> bool:
    """Whether the first line names `annot_utt`, or `utt` with an intent and without tags."""
    return bool(head.lines) and _delimiter(head.lines[0]) is not None


def read(stream: IO[bytes], maps: LabelMaps) -> Iterator[RawBlock]:
    """The rows of a file, block by block.

    Raises:
        NotRowsError: The first line does not name the columns, or a line is longer than any row.
    """
    with io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="") as text:
        lines = _Lines(text)
        first = next(lines, "")
        delimiter = _delimiter(first)
        if delimiter is None:
            raise NotRowsError("the first line does not name utt and annot_utt among its columns")
        header = _cells(first, delimiter)
        if are_predictions(header):
            raise NotRowsError(PREDICTIONS)
        quoted = all(cell.startswith('"') for cell in first.lstrip("\ufeff").split(delimiter))
        rows = _rows(lines, delimiter, header, quoted=quoted)
        while some := list(islice(rows, BLOCK_ROWS)):
            yield _block(some, maps)


class _Lines:
    """The lines of a text, of which those since the last `take` are kept."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._kept: list[str] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_LINE + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > MAX_LINE:
            raise NotRowsError(f"line {self.number} is longer than any row")
        self._kept.append(line)
        return line

    def take(self) -> str:
        kept, self._kept = "".join(self._kept).rstrip("\r\n"), []
        return kept


def _rows(
    lines: _Lines, delimiter: str, header: Sequence[str], *, quoted: bool
) -> Iterator[tuple[int, str, dict[str, Any] | str]]:
    """Line, text and cells of each row; in place of the cells, what is wrong with it."""
    if delimiter == "\t" and not quoted:
        for row in tab_rows(lines, len(header)):
            # Nothing else reads what is kept of the lines.
            lines.take()
            if any(row.cells):
                yield row.line, *_named(row.source, header, row.cells)
        return
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.take()
        first = lines.number + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield first, lines.take(), f"not a row of a table: {error}{_todo(error)}"
            continue
        if cells is None:
            return
        source = lines.take()
        if any(cells):
            yield first, *_named(source, header, cells)


def _todo(error: csv.Error) -> str:
    about_quotes = "expected after" in str(error) or "end of data" in str(error)
    return "; a cell with a quote is put in quotes, and its own are doubled" if about_quotes else ""


def _named(
    source: str, header: Sequence[str], cells: Sequence[str]
) -> tuple[str, dict[str, Any] | str]:
    """The text of a row, and its cells by column or what is wrong with it."""
    if is_not_utf8(source):
        shown = source.encode(errors="surrogateescape").decode(errors="replace")
        return shown, "text that is not UTF-8; save the file as UTF-8"
    if len(cells) != len(header):
        return source, f"{len(cells)} columns; the header has {len(header)}"
    return source, {name: cell or None for name, cell in zip(header, cells, strict=True)}


def _block(rows: Sequence[tuple[int, str, dict[str, Any] | str]], maps: LabelMaps) -> RawBlock:
    columns: list[dict[str, Any]] = []
    kept: list[tuple[int, str]] = []
    mistakes: list[Mistake] = []
    row_remarks: dict[str, None] = {}
    for line, source, value in rows:
        if isinstance(value, str):
            mistakes.append(Mistake(line, value, source))
            continue
        row = _typed(value)
        try:
            columns.append(plain_row(row, maps))
        except RowError as error:
            mistakes.append(Mistake(line, str(error), source))
        else:
            kept.append((line, source))
            row_remarks |= dict.fromkeys(remarks(row, maps))
    table = pa.Table.from_pylist(columns, schema=RAW_SCHEMA)
    numbers = np.array([line for line, _ in kept], np.int64)
    return RawBlock(table, numbers, lambda place: kept[place][1], mistakes, remarks=[*row_remarks])


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    """A row with integers where its labels are integers, and without structures."""
    labels = {*ALIASES["intent"], *ALIASES["scenario"]}
    return {
        name: int(cell) if name in labels and cell and cell.isdecimal() else cell
        for name, cell in row.items()
        if name not in _STRUCTURES
    }


def _delimiter(line: str) -> str | None:
    for delimiter in ",\t":
        names = {*_cells(line, delimiter)}
        labelled = not names.isdisjoint(ALIASES["intent"]) and names.isdisjoint(ALIASES["tags"])
        # Predictions are recognised to be refused as that.
        if "annot_utt" in names or ("utt" in names and (labelled or are_predictions(names))):
            return delimiter
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line.lstrip("\ufeff")], delimiter=delimiter), [])
    except csv.Error:
        return []
