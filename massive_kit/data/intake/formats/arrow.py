"""Arrow files as `datasets.save_to_disk` writes them, one folder a split.

Read with pyarrow alone. The names of ClassLabels are in each file's schema; `dataset_info.json` and
`state.json` say nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import pyarrow as pa

from massive_kit.data.intake.arrow_rows import is_tagged, raw_blocks, tagged_rows
from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.label_maps import LabelMaps
from massive_kit.data.intake.raw_rows import RawBlock
from massive_kit.data.intake.source_files import FileHead
from massive_kit.data.intake.unpacking import seekable

TITLE = "Arrow files of datasets.save_to_disk"
SUFFIXES = (".arrow",)
_STREAM, _FILE = b"\xff\xff\xff\xff", b"ARROW1"
# What `datasets` leaves beside the data when a loaded folder is worked with.
_CACHES = ("cache-", "tmp")
COMPANIONS = (
    *("dataset_dict.json", "dataset_info.json", "state.json"),
    *(f"{start}*" for start in _CACHES),
    # Of the original's `create_hf_dataset.py`, which writes the names into the rows, too.
    *("*.intents", "*.slots"),
)


def recognises(head: FileHead) -> bool:
    """Whether it is Arrow's stream or file format, and no cache."""
    return head.data.startswith((_STREAM, _FILE)) and not head.name.startswith(_CACHES)


def read(stream: IO[bytes], maps: LabelMaps) -> Iterator[RawBlock]:
    """The rows of a file, block by block.

    Raises:
        pa.ArrowInvalid: The file is broken.
        NotRowsError: There is no column of utterances.
    """
    with _opened(stream) as (schema, batches):
        yield from raw_blocks(batches, schema, maps)


def has_tags(stream: IO[bytes]) -> bool:
    """Whether its rows are tokens with tags."""
    with _opened(stream) as (schema, batches):
        return is_tagged(schema, batches)


def read_tagged(stream: IO[bytes], maps: LabelMaps) -> Iterator[ForeignRow]:
    """The rows of a file of tokens with tags."""
    with _opened(stream) as (schema, batches):
        yield from tagged_rows(batches, schema, maps)


@contextmanager
def _opened(stream: IO[bytes]) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """The schema and the batches of either format."""
    with seekable(stream) as plain:
        start = plain.read(len(_FILE))
        plain.seek(0)
        source = pa.PythonFile(plain, mode="r")
        try:
            if start == _FILE:
                file = pa.ipc.open_file(source)
                batches = map(file.get_batch, range(file.num_record_batches))
                yield file.schema, _sound(batches)
            else:
                reader = pa.ipc.open_stream(source)
                yield reader.schema, _sound(iter(reader))
        except OSError as error:
            raise pa.ArrowInvalid(str(error)) from None


def _sound(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches, each checked before anything follows its offsets."""
    for batch in batches:
        batch.validate(full=True)
        yield batch
