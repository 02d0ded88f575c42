"""CSV files from outside, cell by cell, with file and line of what is wrong."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from massive_kit.errors import DataError, Problem
from massive_kit.files.bounded_lines import bounded_lines

# The matrix of five models, 51 by 51 languages and two metrics has 26,010 rows.
_MOST_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row.

    Attributes:
        path: Its file.
        line: Its line, from 1.
        cells: By column, without blanks around them.
    """

    path: Path
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def get(self, column: str) -> str:
        """The cell of a column; "" where there is no such column."""
        return self.cells.get(column, "")

    def problem(self, found: str, expected: str, todo: str | None = None) -> Problem:
        """A mistake in this row."""
        return Problem(str(self.path), found, expected, todo, line=self.line)


def read_csv(path: Path, needed: Sequence[str]) -> list[CsvRow]:
    """The rows of a CSV file with a header.

    Raises:
        MissingDataError: There is no such file.
        DataError: It is damaged, lacks a column, or has rows of another length.
    """
    problems: list[Problem] = []
    rows: list[CsvRow] = []
    header: list[str] = []
    for line, cells in _split(path, problems):
        if not header:
            header = cells
            problems += _missing_columns(path, header, needed)
            if problems:
                break
        elif len(cells) != len(header):
            problems.append(Problem(str(path), f"{len(cells)} cells", f"{len(header)}", line=line))
        else:
            rows.append(CsvRow(path, line, dict(zip(header, cells, strict=True))))
    if not header and not problems:
        problems = _missing_columns(path, header, needed)
    if problems:
        raise DataError(f"{path} cannot be read as a table", problems)
    return rows


def read_number(row: CsvRow, column: str, most: float, problems: list[Problem]) -> float | None:
    """The number in a cell, from 0 to `most`, or a problem more."""
    try:
        value = float(row[column])
    except ValueError:
        value = float("nan")
    if isfinite(value) and 0 <= value <= most:
        return value
    problems.append(row.problem(f"{column} {row[column][:40]!r}", f"a number from 0 to {most:g}"))
    return None


def _split(path: Path, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    for line in bounded_lines(path, _MOST_BYTES):
        if line.text is None:
            problems.append(Problem(str(path), "not UTF-8", line=line.number))
            continue
        if not line.text.strip():
            continue
        try:
            cells = next(csv.reader([line.text], strict=True))
        except csv.Error as error:
            problems.append(Problem(str(path), str(error), "CSV", line=line.number))
            continue
        yield line.number, [cell.strip() for cell in cells]


def _missing_columns(path: Path, header: Sequence[str], needed: Sequence[str]) -> list[Problem]:
    lacking = [column for column in needed if column not in header]
    if not lacking:
        return []
    columns = ", ".join(needed)
    return [
        Problem(str(path), f"no column {', '.join(lacking)}", f"a header with {columns}", line=1)
    ]
