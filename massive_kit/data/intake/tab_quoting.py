"""Quotes in tables that are separated by tabs: around a cell, or part of its text.

Such tables are mostly written without quoting, so that a quote is text, but some writers quote
cells as in CSV: all of them, or those that hold a tab, a quote or a line break.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_QUOTE = '"'


@dataclass(frozen=True, slots=True)
class TabRow:
    """A row of such a table.

    Attributes:
        line: Where it begins, from 1.
        source: As it stands.
        cells: Its cells, without the quotes around them.
    """

    line: int
    source: str
    cells: Sequence[str]


def tab_rows(lines: Iterable[str], width: int) -> Iterator[TabRow]:
    """The rows below a header that is not quoted; those of another width are given as they stand.

    Args:
        lines: All lines below the header, which is line 1, with their ends.
        width: How many columns the header has.
    """
    waiting: deque[str] = deque()
    source = iter(lines)

    def upcoming() -> str | None:
        return waiting.popleft() if waiting else next(source, None)

    number = 1
    while (line := upcoming()) is not None:
        number += 1
        more: list[str] = []
        # The quotes of a row are even in number where a writer of CSV has quoted its cells.
        quotes = line.count(_QUOTE) if line.startswith(_QUOTE) or f"\t{_QUOTE}" in line else 0
        while quotes % 2 and (following := upcoming()) is not None:
            more.append(following)
            # What is a row by itself is not the rest of a cell.
            if following.count("\t") + 1 == width:
                break
            quotes += following.count(_QUOTE)
        row = [line, *more]
        cells = _read_quoted(row, width) if more and not quotes % 2 else None
        if cells is None:
            waiting.extendleft(reversed(more))
            row, more = [line], []
            cells = _cells(line.rstrip("\r\n"), width)
        yield TabRow(number, "".join(row).rstrip("\r\n"), cells)
        number += len(more)


def plain_cell(cell: str, *, quoted: bool) -> str:
    """A cell without the quotes that writers of CSV put around it.

    They quote all cells, the header's too, or those that hold a quote, which they double. Any other
    quote is a word of the utterance.

    Args:
        cell: As it stands.
        quoted: Whether all cells are quoted.
    """
    if not _has_quotes(cell):
        return cell
    inner = cell[1:-1]
    by_writer = '""' in inner and _QUOTE not in inner.replace('""', "")
    return inner.replace('""', _QUOTE) if quoted or by_writer else cell


def _cells(line: str, width: int) -> Sequence[str]:
    cells = line.split("\t")
    if len(cells) == width:
        all_quoted = all(map(_has_quotes, cells))
        return [plain_cell(cell, quoted=all_quoted) for cell in cells]
    return _read_quoted([line], width) or cells


def _has_quotes(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == cell[-1] == _QUOTE


def _read_quoted(lines: Sequence[str], width: int) -> Sequence[str] | None:
    """The cells of a row as CSV has them, or `None` where it is none of that width."""
    try:
        rows = list(csv.reader(lines, delimiter="\t", strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 and len(rows[0]) == width else None
