"""Rows of Arrow tables, MASSIVE's own columns or close to them; for Parquet and Arrow files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from massive_kit.data.intake.column_names import (
    ALIASES,
    PREDICTIONS,
    accepted_columns,
    are_predictions,
    has_tagged_tokens,
)
from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.label_maps import LabelMaps, maps_of_schema
from massive_kit.data.intake.raw_rows import RAW_SCHEMA, Mistake, NotRowsError, RawBlock
from massive_kit.data.intake.row_normalising import RowError, plain_row, remarks, tagged_row
from massive_kit.data.notation import OTHER
from massive_kit.data.ragged import offsets_of
from massive_kit.data.span_schemes import BEGIN, INSIDE, SpanScheme, slot_name

# Rows that are converted at a time.
BLOCK_ROWS = 20_000


def raw_blocks(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, maps: LabelMaps
) -> Iterator[RawBlock]:
    """The rows of a file with annotated utterances, block by block.

    Raises:
        NotRowsError: There is no column of utterances, or they are those of predictions.
    """
    if are_predictions(schema.names):
        raise NotRowsError(PREDICTIONS)
    if {"utt", "annot_utt"}.isdisjoint(schema.names):
        columns = ", ".join(schema.names[:20])
        raise NotRowsError(f"the columns are {columns}; expected {accepted_columns()}")
    readable = {*RAW_SCHEMA.names, *chain.from_iterable(ALIASES.values())}
    repeated = [name for name in schema.names if schema.names.count(name) > 1 and name in readable]
    if repeated:
        raise NotRowsError(f"several columns are called {repeated[0]}; leave one of them")
    maps = maps_of_schema(schema, maps)
    scheme = _span_scheme(schema, maps)
    first = 1
    for batch in batches:
        for start in range(0, len(batch), BLOCK_ROWS):
            table = pa.Table.from_batches([batch.slice(start, BLOCK_ROWS)])
            yield replace(_block(table, first, maps), span_scheme=scheme)
            first += len(table)


def tagged_rows(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, maps: LabelMaps
) -> Iterator[ForeignRow]:
    """The rows of a file of tokens with tags."""
    maps = maps_of_schema(schema, maps)
    number = 0
    for batch in batches:
        for position in range(len(batch)):
            number += 1
            table = pa.Table.from_batches([batch.slice(position, 1)])
            try:
                value = table.to_pylist()[0]
            except UnicodeDecodeError:
                yield ForeignRow(number, _shown(table), mistakes=["text that is not UTF-8"])
            else:
                yield tagged_row(number, _json(value), value, maps)


def is_tagged(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> bool:
    """Whether the first row is tokens with tags, and there is no column of annotated utterances."""
    if "annot_utt" in schema.names or not {*ALIASES["tags"]} & {*schema.names}:
        return False
    first = next((batch.slice(0, 1) for batch in batches if len(batch)), None)
    return first is not None and has_tagged_tokens(pa.Table.from_batches([first]).to_pylist()[0])


def _span_scheme(schema: pa.Schema, maps: LabelMaps) -> SpanScheme | None:
    """What a span is in a store that `export hf-dataset` wrote: its labels say."""
    labels = maps.in_source.get("labels")
    if not labels or not {"annot_utt", "tokens", "labels"} <= {*schema.names}:
        return None
    slots = [label for label in labels if label != OTHER]
    if not slots:
        return None
    halves = {slot_name(label) for label in slots}
    bio = [f"{letter}{name}" for letter in (BEGIN, INSIDE) for name in halves]
    return "brackets" if sorted(bio) == sorted(slots) else "runs"


def _block(table: pa.Table, first: int, maps: LabelMaps) -> RawBlock:
    def source(row: int) -> str:
        return _shown(table.slice(row, 1))

    lines = np.arange(first, first + len(table), dtype=np.int64)
    row_remarks: dict[str, None] = {}
    try:
        raw = _as_raw(table, maps, row_remarks)
        raw.validate(full=True)
        return RawBlock(raw.combine_chunks(), lines, source, remarks=[*row_remarks])
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError, _CloserLook):
        pass
    rows: list[dict[str, Any]] = []
    kept: list[int] = []
    mistakes: list[Mistake] = []
    for position in range(len(table)):
        reason = "text that is not UTF-8"
        try:
            value = table.slice(position, 1).to_pylist()[0]
            rows.append(plain_row(value, maps))
            kept.append(position)
            row_remarks |= dict.fromkeys(remarks(value, maps))
            continue
        except UnicodeDecodeError:
            pass
        except RowError as error:
            reason = str(error)
        mistakes.append(Mistake(first + position, reason, source(position)))
    positions = np.array(kept, np.int64)
    raw = pa.Table.from_pylist(rows, schema=RAW_SCHEMA)
    lines = first + positions
    return RawBlock(raw, lines, lambda row: source(kept[row]), mistakes, remarks=[*row_remarks])


class _CloserLook(Exception):  # noqa: N818 - not a mistake, another way
    """The rows must be taken one by one."""


def _as_raw(table: pa.Table, maps: LabelMaps, row_remarks: dict[str, None]) -> pa.Table:
    columns = []
    for wanted in RAW_SCHEMA:
        name = _column_of(wanted.name, table)
        if name is None:
            columns.append(pa.nulls(len(table), wanted.type))
            continue
        column = table.column(name)
        if pa.types.is_integer(column.type) and wanted.name in {"intent", "scenario"}:
            names = pa.array([*maps.names(name)], pa.string())
            # An integer out of range must be reported, which `take` alone does not do by row.
            if _outside(column, len(names)):
                raise _CloserLook
            column = names.take(column.combine_chunks())
            row_remarks |= dict.fromkeys(filter(None, [maps.remark(name)]))
        elif pa.types.is_struct(column.type):
            column = _list_of_structs(column.combine_chunks(), wanted.type)
        elif wanted.name == "utt" and pa.types.is_nested(column.type):
            raise _CloserLook
        elif pa.types.is_string(wanted.type) and _is_no_name(column.type):
            # A cast would make names such as "1.0" and "true" of them.
            raise _CloserLook
        columns.append(column.cast(wanted.type))
    return pa.Table.from_arrays(columns, schema=RAW_SCHEMA)


def _is_no_name(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_boolean(kind))


def _column_of(kind: str, table: pa.Table) -> str | None:
    """The column that holds an intent, ...: one with names before one with integers."""
    there = [name for name in ALIASES.get(kind, (kind,)) if name in table.column_names]
    if len(there) > 1 and any(table.column(name).null_count for name in there):
        # Which of them a row has may differ by row.
        raise _CloserLook
    named = [name for name in there if not pa.types.is_integer(table.column(name).type)]
    return next(iter(named + there), None)


def _list_of_structs(column: Any, wanted: Any) -> Any:
    """A list of structs from what `datasets` makes of one: a struct of lists."""
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0)
    names = {field.name for field in column.type}
    fields = [wanted.value_type.field(i) for i in range(wanted.value_type.num_fields)]
    lists = {field.name: column.field(field.name) for field in fields if field.name in names}
    lengths = [pc.list_value_length(values_of) for values_of in lists.values()]
    # Nulls and lists of different length are reported row by row.
    if not lists or column.null_count or any(values_of.null_count for values_of in lists.values()):
        raise _CloserLook
    if not all(values_of.equals(lengths[0]) for values_of in lengths):
        raise _CloserLook
    flat = {name: values_of.flatten() for name, values_of in lists.items()}
    count = len(next(iter(flat.values())))
    values = [
        flat[field.name].cast(field.type) if field.name in flat else pa.nulls(count, field.type)
        for field in fields
    ]
    structs = pa.StructArray.from_arrays(values, fields=fields)
    offsets = offsets_of(lengths[0].to_numpy()).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), structs)


def _outside(column: pa.ChunkedArray, count: int) -> bool:
    extremes = pc.min_max(column).as_py()
    return extremes["min"] is not None and not 0 <= extremes["min"] <= extremes["max"] < count


def _shown(row: pa.Table) -> str:
    """A row as JSON, for the file of rejected rows; bytes that are not UTF-8 replaced."""
    try:
        return _json(row.to_pylist()[0])
    except UnicodeDecodeError:
        return _json({name: _value(row.column(name)) for name in row.column_names})


def _value(column: pa.ChunkedArray) -> Any:
    try:
        return column[0].as_py()
    except UnicodeDecodeError:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            return column.cast(pa.binary())[0].as_py().decode(errors="replace")
        return "not UTF-8"


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()
