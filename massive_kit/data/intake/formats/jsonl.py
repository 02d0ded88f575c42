"""JSON lines: MASSIVE's own form, the hub's, and what is close to them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.json as pj

from massive_kit.data.intake.column_names import are_predictions, has_tagged_tokens
from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.label_maps import LabelMaps
from massive_kit.data.intake.raw_rows import RAW_SCHEMA, Mistake, RawBlock
from massive_kit.data.intake.row_normalising import RowError, plain_row, remarks, tagged_row
from massive_kit.data.intake.source_files import FileHead

TITLE = "JSON lines with the columns of MASSIVE"
SUFFIXES = (".jsonl",)
# Bytes that are converted at a time.
BLOCK_BYTES = 16 << 20
# Arrow's JSON reader nests calls; such a line goes to orjson, which refuses deep nesting.
_LONG_LINE = 1 << 20
_BOM = b"\xef\xbb\xbf"
_TEXT_COLUMNS = {"utt", "annot_utt", "ner_tags"}
# The start of a line that is longer than what is looked at.
_STARTS = _TEXT_COLUMNS | {"tokens"}
# Where a row has no intent, ..., it may have one under another name.
_OTHER_NAMES = {
    "id": (b'"uid"',),
    "locale": (b'"lang"', b'"language"'),
    "intent": (b'"intent_',),
    "scenario": (b'"scenario_', b'"domain'),
    "partition": (b'"split"',),
    "annot_utt": (b'"ner_tags"', b'"slot', b'"tags"', b'"labels"'),
}
# The last row of a list may be a line of JSON, too.
_LIST = re.compile(r"\ufeff?\s*\[\s*\{")
# Lines that are looked at to say what a file is.
_LINES_SEEN = 100


def recognises(head: FileHead) -> bool:
    """Whether any of the first lines is a row, or there is no line at all in a `.jsonl`."""
    if head.text is None or _LIST.match(head.text):
        return False
    lines = [line for line in head.lines[:_LINES_SEEN] if line.strip()]
    if not head.text.strip():
        return head.name.endswith(SUFFIXES)
    if not lines:
        start = head.text.lstrip("\ufeff \n\r\t")
        return start.startswith("{") and any(f'"{name}"' in start for name in _STARTS)
    return any(map(_is_row, lines))


def read(stream: IO[bytes], maps: LabelMaps) -> Iterator[RawBlock]:
    """The rows of a file, block by block."""
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


def has_tags(stream: IO[bytes]) -> bool:
    """Whether the first row that can be read is tokens with tags."""
    for _, line in zip(range(_LINES_SEEN), stream, strict=False):
        try:
            value = orjson.loads(line.removeprefix(_BOM))
        except orjson.JSONDecodeError:
            continue
        if isinstance(value, dict):
            return has_tagged_tokens(value)
    return False


def read_tagged(stream: IO[bytes], maps: LabelMaps) -> Iterator[ForeignRow]:
    """The rows of a file of tokens with tags."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        source = line.rstrip(b"\r\n").decode(errors="replace")
        try:
            value = orjson.loads(line.removeprefix(_BOM))
        except orjson.JSONDecodeError as error:
            yield ForeignRow(number, source, mistakes=[_not_json(line, error)])
        else:
            yield tagged_row(number, source, value, maps)


def _not_json(line: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        line.decode()
    except UnicodeDecodeError as broken:
        return f"text that is not UTF-8 (byte {broken.start + 1}); save the file as UTF-8"
    return f"not JSON: {error.msg} (byte {error.pos + 1})"


def _is_row(line: str) -> bool:
    try:
        value = orjson.loads(line.encode(errors="replace"))
    except orjson.JSONDecodeError:
        return False
    return (
        isinstance(value, dict)
        and (not _TEXT_COLUMNS.isdisjoint(value) or has_tagged_tokens(value))
        and not are_predictions(value)
    )


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
    if any(
        table.column(column).null_count and any(name in block for name in names)
        for column, names in _OTHER_NAMES.items()
    ):
        return None
    lines = np.arange(first, first + count, dtype=np.int64)

    def source(row: int) -> str:
        start = ends[row - 1] + 1 if row else 0
        return block[start : ends[row] if row < len(ends) else None].decode(errors="replace")

    return RawBlock(table.combine_chunks(), lines, source)


def _careful(block: bytes, first: int, maps: LabelMaps) -> RawBlock:
    rows: list[dict[str, Any]] = []
    row_remarks: dict[str, None] = {}
    numbers: list[int] = []
    mistakes: list[Mistake] = []
    lines = block.split(b"\n")
    for number, line in enumerate(lines, first):
        if not line.strip():
            continue
        try:
            value = orjson.loads(line)
            rows.append(plain_row(value, maps))
            numbers.append(number)
            row_remarks |= dict.fromkeys(remarks(value, maps))
        except RowError as error:
            mistakes.append(Mistake(number, str(error), line.decode(errors="replace")))
        except orjson.JSONDecodeError as error:
            text = line.decode(errors="replace")
            mistakes.append(Mistake(number, _not_json(line, error), text))
    table = pa.Table.from_pylist(rows, schema=RAW_SCHEMA)

    def source(row: int) -> str:
        return lines[numbers[row] - first].decode(errors="replace")

    return RawBlock(table, np.array(numbers, np.int64), source, mistakes, remarks=[*row_remarks])
