"""What the tests of formats share: rows of the samples beside this module."""

from __future__ import annotations

from pathlib import Path

from massive_kit.data.intake.foreign_rows import ForeignRow
from massive_kit.data.intake.formats import RowFormat, formats
from massive_kit.data.intake.source_files import SourceFile

SAMPLES = Path(__file__).parent / "samples"


def recognised(file: SourceFile) -> set[str]:
    """The formats of single files that take a file for their own."""
    head = file.head()
    return {
        name
        for name, module in formats().items()
        if hasattr(module, "recognises") and module.recognises(head)
    }


def read(name: str, content: bytes, path: str = "file") -> list[ForeignRow]:
    """The rows of a file in a format."""
    module = formats()[name]
    assert isinstance(module, RowFormat)
    return list(module.read_rows([SourceFile.of_bytes(path, content)]))


def annotated(row: ForeignRow) -> str:
    """The utterance with its slots, to be looked at."""
    assert row.text is not None
    assert row.spans is not None
    parts = []
    end = 0
    for span in row.spans:
        value = row.text[span.start : span.end]
        parts += [row.text[end : span.start], f"<{span.slot}={value}>"]
        end = span.end
    return "".join([*parts, row.text[end:]])


def sample(name: str, path: str) -> list[ForeignRow]:
    """The rows of a sample."""
    return read(name, (SAMPLES / path).read_bytes(), path)


def only(name: str, content: str) -> ForeignRow:
    """The row of a file that holds no other."""
    (row,) = read(name, content.encode())
    return row
