"""Rows with MASSIVE's columns that lack some of them, where something else says what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from massive_kit.data import notation
from massive_kit.data.intake.path_hints import PathHints, lacking
from massive_kit.data.intake.raw_rows import RawBlock
from massive_kit.data.intake.source_files import SourceFile
from massive_kit.errors import DataError, NotationError

# One of several files of a table, as `datasets` and pandas number them.
_SHARD = re.compile(r"(\d+)-of-\d+")


def completed_blocks(
    blocks: Iterator[RawBlock], file: SourceFile, hints: PathHints
) -> Iterator[RawBlock]:
    """The rows of a file, completed.

    Locale and partition are those of the path or an option where a row has none, the utterance is
    the annotated one without brackets, and an id is the row's place in the file if no row has one.

    Raises:
        DataError: No row has a locale or a partition, and nothing else says it.
    """
    shard = _SHARD.search(file.path.stem)
    numbered: bool | None = None
    for block in blocks:
        table = block.table
        if numbered is None and len(table):
            _refuse_without(block, file, hints)
            numbered = bool(_lacks(table.column("id")).all())
        if hints.locale:
            table = _with_regions(table, hints)
        for column, value in (("locale", hints.locale), ("partition", hints.partition)):
            if value:
                table = _with(table, column, value)
        if numbered:
            prefix = f"{shard[1]}-" if shard else ""
            numbers = block.lines if block.numbers is None else block.numbers
            table = _with(table, "id", pa.array(f"{prefix}{number}" for number in numbers))
        if _lacks(table.column("utt")).any():
            annotated = table.column("annot_utt").to_pylist()
            table = _with(table, "utt", pa.array(map(_stripped, annotated), pa.string()))
        # Ids of shards are not alike already.
        yield replace(block, table=table, numbered=bool(numbered) and not shard)


def _refuse_without(block: RawBlock, file: SourceFile, hints: PathHints) -> None:
    by_column = {"locale": hints.locale, "partition": hints.partition}
    problems = [
        lacking(column, file.name, int(block.lines[0]), hints)
        for column, value in by_column.items()
        if not value and _lacks(block.table.column(column)).all()
    ]
    if problems:
        raise DataError(f"{file.name} does not say enough", problems)


def _with(table: pa.Table, name: str, values: Any) -> pa.Table:
    """The table with values where a column has none."""
    column = table.column(name)
    if not _lacks(column).any():
        return table
    mask = pc.equal(pc.fill_null(column, ""), "")
    place = table.column_names.index(name)
    return table.set_column(place, table.schema.field(name), pc.if_else(mask, values, column))


def _with_regions(table: pa.Table, hints: PathHints) -> pa.Table:
    """The table with the path's locale where rows name its language alone."""
    column = table.column("locale")
    for given in pc.unique(column).to_pylist():
        locale = hints.locale_of(given) if given else given
        if locale != given:
            place = table.column_names.index("locale")
            column = pc.if_else(pc.equal(column, given), locale, column)
            table = table.set_column(place, table.schema.field("locale"), column)
    return table


def _lacks(column: Any) -> Any:
    return pc.equal(pc.fill_null(column, ""), "").to_numpy()


def _stripped(annotated: str | None) -> str | None:
    try:
        return notation.strip(annotated) if annotated else None
    except NotationError:
        # Told where the brackets are read.
        return None
