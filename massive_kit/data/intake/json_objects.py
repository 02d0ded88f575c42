"""Rows that are a JSON object in a line each, in formats of others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from massive_kit.counted import kind_of
from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.source_files import SourceFile

RowOf = Callable[[int, str, dict[str, Any]], ForeignRow]


def rows_of_objects(files: Sequence[SourceFile], row_of: RowOf) -> Iterator[ForeignRow]:
    """The rows of some files; a line that holds no object is a mistake.

    Args:
        files: JSON lines.
        row_of: Makes a row of the number of a line, from 1, the line and its object.
    """
    for file in files:
        for number, line in enumerate(file.lines(), 1):
            if line.strip():
                yield _row(number, line, row_of)


def _row(number: int, line: str, row_of: RowOf) -> ForeignRow:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return ForeignRow(number, line, mistakes=[f"not JSON: {error}"])
    if not isinstance(value, dict):
        return ForeignRow(number, line, mistakes=[f"{kind_of(value)}, not a row of columns"])
    return row_of(number, line, value)
