"""Parquet, MASSIVE's own columns or the hub's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from massive_kit.data.intake.label_maps import LabelMaps, maps_of_parquet
from massive_kit.data.intake.raw_rows import RAW_SCHEMA, Mistake, RawBlock
from massive_kit.data.intake.row_normalising import RowError, plain_row
from massive_kit.data.intake.source_files import FileHead
from massive_kit.data.ragged import offsets_of

TITLE = "Parquet with the columns of MASSIVE"
SUFFIXES = (".parquet",)
# Rows that are converted at a time.
BLOCK_ROWS = 20_000
_MAGIC = b"PAR1"


def recognises(head: FileHead) -> bool:
    """Whether it is Parquet."""
    return head.data.startswith(_MAGIC)


def read(stream: IO[bytes], maps: LabelMaps) -> Iterator[RawBlock]:
    """The rows of a file, block by block.

    Raises:
        pa.ArrowInvalid: The file is broken.
    """
    file = pq.ParquetFile(pa.PythonFile(stream, mode="r"))
    maps = maps_of_parquet(file.schema_arrow, maps)
    wanted = [*RAW_SCHEMA.names, "tokens", "ner_tags"]
    names = [name for name in file.schema_arrow.names if name in wanted]
    if "annot_utt" in names:
        names = [name for name in names if name in RAW_SCHEMA.names]
    first = 1
    for batch in file.iter_batches(BLOCK_ROWS, columns=names):
        yield _batch(pa.Table.from_batches([batch]), first, maps)
        first += len(batch)


def _batch(table: pa.Table, first: int, maps: LabelMaps) -> RawBlock:
    def source(row: int) -> str:
        return _json(table.slice(row, 1).to_pylist()[0])

    lines = np.arange(first, first + len(table), dtype=np.int64)
    try:
        raw = _as_raw(table, maps)
        raw.validate(full=True)
        return RawBlock(raw.combine_chunks(), lines, source)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError, _CloserLook):
        pass
    rows: list[dict[str, Any]] = []
    kept: list[int] = []
    mistakes: list[Mistake] = []
    for position in range(len(table)):
        value = None
        try:
            value = table.slice(position, 1).to_pylist()[0]
            rows.append(plain_row(value, maps))
            kept.append(position)
        except UnicodeDecodeError:
            mistakes.append(Mistake(first + position, "text that is not UTF-8", ""))
        except RowError as error:
            mistakes.append(Mistake(first + position, str(error), _json(value)))
    positions = np.array(kept, np.int64)
    raw = pa.Table.from_pylist(rows, schema=RAW_SCHEMA)
    return RawBlock(raw, first + positions, lambda row: source(kept[row]), mistakes)


class _CloserLook(Exception):  # noqa: N818 - not a mistake, another way
    """The rows must be taken one by one."""


def _as_raw(table: pa.Table, maps: LabelMaps) -> pa.Table:
    if "annot_utt" not in table.column_names and "ner_tags" in table.column_names:
        raise _CloserLook
    codes: Mapping[str, Sequence[str]] = {"intent": maps.intents, "scenario": maps.scenarios}
    columns = []
    for wanted in RAW_SCHEMA:
        if wanted.name not in table.column_names:
            columns.append(pa.nulls(len(table), wanted.type))
            continue
        column = table.column(wanted.name)
        if pa.types.is_integer(column.type) and wanted.name in codes:
            names = pa.array([*codes[wanted.name]], pa.string())
            # An integer out of range must be reported, which `take` alone does not do by row.
            if len(column) and (column.null_count or _outside(column, len(names))):
                raise _CloserLook
            column = names.take(column.combine_chunks())
        elif pa.types.is_struct(column.type):
            column = _list_of_structs(column.combine_chunks(), wanted.type)
        columns.append(column.cast(wanted.type))
    return pa.Table.from_arrays(columns, schema=RAW_SCHEMA)


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
    values = column.to_numpy()
    return bool(values.min() < 0 or values.max() >= count)


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()
