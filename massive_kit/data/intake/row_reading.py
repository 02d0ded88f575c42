"""Raw rows in one shape, whatever file they came in: JSON lines or Parquet, ours or the hub's."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj
import pyarrow.parquet as pq
from numpy.typing import NDArray

from massive_kit.data.intake.label_maps import LabelMaps, maps_of_parquet
from massive_kit.data.intake.row_normalising import RowError, plain_row
from massive_kit.data.intake.sources import RawFile
from massive_kit.data.ragged import offsets_of
from massive_kit.data.store import SCHEMA

RAW_SCHEMA = pa.schema([f for f in SCHEMA if f.name not in {"tokens", "labels"}])
# Bytes of JSON lines, and rows of Parquet, that are converted at a time.
BLOCK_BYTES = 16 << 20
BLOCK_ROWS = 20_000
# Arrow's JSON reader nests calls; such a line goes to orjson, which refuses deep nesting.
_LONG_LINE = 1 << 20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a row is refused.

    Attributes:
        line: Its line in a JSONL file, its row in a Parquet file, from 1.
        reason: What is wrong.
        source: The row as it stood.
    """

    line: int
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class RawBlock:
    """Some rows of a file.

    Attributes:
        table: Of `RAW_SCHEMA`; nothing is checked yet but types.
        lines: Shape (n,), where each row stands, from 1.
        source: Gives a row as it stood, by position.
        mistakes: Rows that could not be read at all.
    """

    table: pa.Table
    lines: NDArray[np.int64]
    source: Callable[[int], str]
    mistakes: list[Mistake] = field(default_factory=list)


def read_rows(file: RawFile, maps: LabelMaps) -> Iterator[RawBlock]:
    """The rows of a file, block by block.

    Raises:
        pa.ArrowInvalid: A Parquet file is broken.
    """
    with file.open() as stream:
        yield from (_parquet if file.format == "parquet" else _jsonl)(stream, maps)


def _jsonl(stream: IO[bytes], maps: LabelMaps) -> Iterator[RawBlock]:
    first = 1
    rest = b""
    while True:
        read = stream.read(BLOCK_BYTES)
        block = rest + read if rest else read
        if read:
            end = block.rfind(b"\n") + 1
            if not end:
                rest = block
                continue
            block, rest = block[:end], block[end:]
        if first == 1:
            block = block.removeprefix(_BOM)
        if block:
            yield _fast(block, first) or _careful(block, first, maps)
            first += block.count(b"\n")
        if not read:
            return


def _fast(block: bytes, first: int) -> RawBlock | None:
    """All rows at once through Arrow, or `None` where any line needs a closer look."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
    count = len(ends) + (not block.endswith(b"\n"))
    # The reader crashes on a leading `null`; and lines must be rows for line numbers to be right.
    if not block.startswith(b"{") or block.count(b"\n{") + 1 != count:
        return None
    if np.diff(ends, prepend=-1, append=len(block)).max() > _LONG_LINE:
        return None
    try:
        table = pj.read_json(
            io.BytesIO(block),
            # A whole block at once; threads work on several files instead.
            read_options=pj.ReadOptions(use_threads=False, block_size=len(block) + 1),
            parse_options=pj.ParseOptions(
                explicit_schema=RAW_SCHEMA, unexpected_field_behavior="ignore"
            ),
        )
        # The reader lets broken UTF-8 through.
        table.validate(full=True)
    except pa.ArrowInvalid:
        return None
    if len(table) != count:
        return None
    if table.column("annot_utt").null_count and b'"ner_tags"' in block:
        return None
    lines = np.arange(first, first + count, dtype=np.int64)

    def source(row: int) -> str:
        start = ends[row - 1] + 1 if row else 0
        return block[start : ends[row] if row < len(ends) else None].decode(errors="replace")

    return RawBlock(table.combine_chunks(), lines, source)


def _careful(block: bytes, first: int, maps: LabelMaps) -> RawBlock:
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    mistakes: list[Mistake] = []
    lines = block.split(b"\n")
    for number, line in enumerate(lines, first):
        if not line.strip():
            continue
        try:
            rows.append(plain_row(orjson.loads(line), maps))
            numbers.append(number)
        except RowError as error:
            mistakes.append(Mistake(number, str(error), line.decode(errors="replace")))
        except orjson.JSONDecodeError as error:
            text = line.decode(errors="replace")
            mistakes.append(Mistake(number, f"not JSON: {error.msg} (byte {error.pos + 1})", text))
    table = pa.Table.from_pylist(rows, schema=RAW_SCHEMA)

    def source(row: int) -> str:
        return lines[numbers[row] - first].decode(errors="replace")

    return RawBlock(table, np.array(numbers, np.int64), source, mistakes)


def _parquet(stream: IO[bytes], maps: LabelMaps) -> Iterator[RawBlock]:
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


class _CloserLook(Exception):  # noqa: N818 - no mistake, a turn taken
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
            # An integer out of range must be told, which `take` alone does not do by row.
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
    # Nulls and lists of different length are told row by row.
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
