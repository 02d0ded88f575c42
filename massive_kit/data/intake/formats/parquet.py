"""Parquet with MASSIVE's own columns, the hub's, or close to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from massive_kit.data.intake.arrow_rows import BLOCK_ROWS, is_tagged, raw_blocks, tagged_rows
from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.label_maps import LabelMaps
from massive_kit.data.intake.raw_rows import RawBlock
from massive_kit.data.intake.source_files import FileHead
from massive_kit.data.intake.unpacking import seekable

TITLE = "Parquet with the columns of MASSIVE"
SUFFIXES = (".parquet",)
# Of a store.
COMPANIONS = ("store.json", "rejected.jsonl")
_MAGIC = b"PAR1"


def recognises(head: FileHead) -> bool:
    """Whether it is Parquet."""
    return head.data.startswith(_MAGIC)


def read(stream: IO[bytes], maps: LabelMaps) -> Iterator[RawBlock]:
    """The rows of a file, block by block.

    Raises:
        pa.ArrowInvalid: The file is broken.
        NotRowsError: There is no column of utterances.
    """
    with _opened(stream) as file:
        yield from raw_blocks(file.iter_batches(BLOCK_ROWS), file.schema_arrow, maps)


def has_tags(stream: IO[bytes]) -> bool:
    """Whether its rows are tokens with tags."""
    with _opened(stream) as file:
        return is_tagged(file.schema_arrow, file.iter_batches(1))


def read_tagged(stream: IO[bytes], maps: LabelMaps) -> Iterator[ForeignRow]:
    """The rows of a file of tokens with tags."""
    with _opened(stream) as file:
        yield from tagged_rows(file.iter_batches(BLOCK_ROWS), file.schema_arrow, maps)


@contextmanager
def _opened(stream: IO[bytes]) -> Iterator[pq.ParquetFile]:
    # Parquet is read from its end.
    with seekable(stream) as plain:
        yield pq.ParquetFile(pa.PythonFile(plain, mode="r"))
