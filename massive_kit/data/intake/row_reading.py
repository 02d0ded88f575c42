"""Rows of a raw file, read by the format that its name says."""

from __future__ import annotations

from collections.abc import Iterator

from massive_kit.data.intake.formats import block_formats
from massive_kit.data.intake.label_maps import LabelMaps
from massive_kit.data.intake.raw_rows import RawBlock
from massive_kit.data.intake.sources import RawFile


def read_rows(file: RawFile, maps: LabelMaps) -> Iterator[RawBlock]:
    """The rows of a file, block by block.

    Raises:
        pa.ArrowInvalid: A Parquet file is broken.
    """
    with file.open() as stream:
        yield from block_formats()[file.format].read(stream, maps)
