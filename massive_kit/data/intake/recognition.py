"""Which format a file is in, by what stands in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import orjson
import pyarrow as pa

from massive_kit.data.intake.column_names import PREDICTIONS, accepted_columns, are_predictions
from massive_kit.data.intake.formats import (
    BlockFormat,
    FileFormat,
    GroupFormat,
    RowFormat,
    TaggedFormat,
    formats,
)
from massive_kit.data.intake.source_files import FileHead, SourceFile, is_not_utf8
from massive_kit.data.intake.unpacking import DAMAGE, is_compressed
from massive_kit.errors import DataError, Problem, UsageError

# What corpora have beside their data.
_DOCUMENTS = (
    "readme",
    "license",
    "licence",
    "copying",
    "notice",
    "citation",
    "changelog",
    "authors",
)
# That a message names.
_MOST_COLUMNS = 8
_DELIMITERS = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
_DOCUMENT_ENDS = {".md", ".rst", ".pdf", ".html", ".py", ".sh", ".ipynb", ".toml", ".cff", ".bib"}


@dataclass(frozen=True, slots=True)
class RecognisedFile:
    """A file of a source, looked at.

    Attributes:
        file: The file.
        head: Its first bytes.
        format: Its format; `None` where it is of none, or belongs to a group.
        tagged: Whether the format has MASSIVE's columns, and the rows are tokens with tags.
    """

    file: SourceFile
    head: FileHead
    format: str | None
    tagged: bool = False


def known_formats() -> str:
    """All formats for a sentence, as `--from` takes them."""
    *most, last = formats()
    return f"{', '.join(most)} or {last}"


def check_format(name: str, others: str = "") -> str:
    """The name of a format, as it was asked for.

    Args:
        name: What was asked for.
        others: What could have been asked for beside formats, for the message.

    Raises:
        UsageError: There is none of that name.
    """
    if name not in formats():
        raise UsageError(f"no format {name!r}; there are {others}{known_formats()}")
    return name


def format_of(head: FileHead) -> str | None:
    """The format of a file that stands alone, or `None`.

    Raises:
        DataError: It may be in several.
    """
    names = [
        name
        for name, module in formats().items()
        if isinstance(module, FileFormat) and module.recognises(head)
    ]
    if len(names) > 1:
        problem = Problem(
            str(head.path),
            f"looks like {' and like '.join(formats()[name].TITLE for name in names)}",
            todo=f"say which it is: --from {names[0]} or --from {names[-1]}",
        )
        raise DataError(f"the format of {head.path} is not clear", [problem])
    return names[0] if names else None


def groups_of(heads: Sequence[FileHead], format_name: str) -> list[tuple[FileHead, ...]]:
    """The files that belong together in a format that spreads over several; none in another."""
    module = formats()[format_name]
    if not isinstance(module, GroupFormat):
        return []
    return [tuple(group) for group in module.groups(heads)]


def is_document(path: PurePosixPath) -> bool:
    """Whether a file is what corpora have beside their data, by its name."""
    return path.suffix.lower() in _DOCUMENT_ENDS or path.name.lower().startswith(_DOCUMENTS)


def claims_to_be_data(path: PurePosixPath) -> bool:
    """Whether a file is called like one with MASSIVE's columns."""
    known = [module for module in formats().values() if isinstance(module, BlockFormat)]
    return any(path.name.endswith(module.SUFFIXES) for module in known)


def unknown(head: FileHead) -> str:
    """What a file in no known format is, as far as can be seen."""
    if not head.data:
        return "an empty file"
    if head.data.startswith(b"PK\x03\x04") or is_compressed(head.data):
        return "an archive within the source; unpack it, or import it by itself"
    if head.text is None:
        even, odd = head.data[0::2].count(0), head.data[1::2].count(0)
        if min(even, odd) * 10 < max(even, odd) > len(head.data) // 4 > 1:
            return "UTF-16 without a byte order mark; save it as UTF-8"
        return "neither text nor Parquet nor Arrow"
    if is_not_utf8(head.text):
        return "neither UTF-8 nor UTF-16 text; save it as UTF-8"
    start = head.text.lstrip()[:40].replace("\n", " ")
    if start.startswith("["):
        return "a JSON list, or text that begins with '['; JSON must be one object per line"
    if start.startswith("{"):
        return _unknown_json(head)
    if head.path.suffix.lower() in {".csv", ".tsv"} and head.lines:
        return _unknown_table(head.lines[0], start)
    return f"in no known format; it begins with {start!r}"


def _unknown_table(header: str, start: str) -> str:
    delimiter = max(_DELIMITERS, key=header.count)
    separated = f"separated by {_DELIMITERS[delimiter]}" if delimiter in header else "of one column"
    needed = "annot_utt, or utt and intent"
    if delimiter in {",", "\t"}:
        todo = "" if delimiter == "\t" else ", and save it with tabs between its columns"
        return (
            f"a table {separated}, {start!r}; its first line must name {needed}, or else utterance,"
            f" slot_labels and intent{todo}"
        )
    return (
        f"a table {separated}, {start!r}; save it with tabs between its columns, and {needed} among"
        " their names"
    )


def _unknown_json(head: FileHead) -> str:
    number, first = next(
        ((number, line) for number, line in enumerate(head.lines, 1) if line.strip()), (1, "")
    )
    try:
        row = json.loads(first)
    except (ValueError, RecursionError):
        return "JSON in no known format; rows must be one object per line"
    if are_predictions(row):
        return PREDICTIONS
    try:
        # As rows are read; json takes more than JSON, such as NaN.
        orjson.loads(first.encode(errors="replace"))
    except orjson.JSONDecodeError as error:
        return f"line {number} is not JSON: {error.msg} (byte {error.pos + 1})"
    columns = ", ".join([*row][:_MOST_COLUMNS])
    slots = "" if "text" not in row else "; text is read as the utterance beside slots by offsets"
    return (
        f"JSON lines without utt and annot_utt; the columns are {columns or 'none'};"
        f" expected {accepted_columns()}{slots}"
    )


def reads_rows(format_name: str) -> bool:
    """Whether a format is a foreign one, which is read twice."""
    return isinstance(formats()[format_name], RowFormat)


def recognised(file: SourceFile, asked: str | None, *, alone: bool) -> RecognisedFile:
    """A file with its beginning and format: that asked for, if one was.

    Of several files, only those are of a format asked for that look like it.

    Args:
        file: The file; it is closed where it cannot be read.
        asked: The format asked for.
        alone: Whether it is the whole source.

    Raises:
        DataError: It is broken, or may be in several formats.
    """
    try:
        head = file.head()
        name = format_of(head) if asked is None else asked
        module = formats()[name] if name else None
        if asked and not (isinstance(module, FileFormat) and (alone or module.recognises(head))):
            name = None
        tagged = False
        if name and isinstance(module, TaggedFormat):
            with file.utf8() as stream:
                tagged = module.has_tags(stream)
        return RecognisedFile(file, head.shortened(), name, tagged)
    except BaseException as error:
        file.close()
        if isinstance(error, (pa.ArrowException, *DAMAGE)):
            raise file.broken(error) from None
        raise
