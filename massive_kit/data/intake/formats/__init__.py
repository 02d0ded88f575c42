"""Formats that data come in. Each is one module of this package, found by being there.

A module says what it is called in messages (`TITLE`), which files are its own, by what stands in
them, and reads them. Most give an utterance at a time as a `ForeignRow`; what becomes of ids,
locales, partitions, tags and brackets is not their business:

- `recognises(head)`: whether a file is of this format, where a file stands alone; or
  `groups(heads)`: the files that belong together, where a format spreads over several;
- `read_rows(files)`: the rows of such a file, or of such a group;
- `COMPANIONS`, if need be: patterns of the names of files that lie beside the data and say no more.

Formats that have MASSIVE's own columns read whole blocks at once (`BlockFormat`).
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import IO, TYPE_CHECKING, Protocol, cast, runtime_checkable

if TYPE_CHECKING:
    from massive_kit.data.intake.foreign_rows import ForeignRow
    from massive_kit.data.intake.label_maps import LabelMaps
    from massive_kit.data.intake.raw_rows import RawBlock
    from massive_kit.data.intake.source_files import FileHead, SourceFile


class SourceFormat(Protocol):
    """What the module of any format brings."""

    @property
    def TITLE(self) -> str:  # noqa: N802 - a constant of a module
        """What it is, for people: `CoNLL with comments (xSID)`."""


@runtime_checkable
class RowReader(Protocol):
    """What reads rows of utterances."""

    def read_rows(self, files: Sequence[SourceFile]) -> Iterator[ForeignRow]:
        """The rows of one file, or of one group in the order that `groups` gave.

        It is called twice: the tag scheme is recognised from the whole corpus. What is wrong with a
        row goes into its `mistakes`.

        Raises:
            DataError: The file cannot be read at all.
        """


@runtime_checkable
class RowFormat(SourceFormat, RowReader, Protocol):
    """What the module of a foreign format brings, beside `recognises` or `groups`."""


@runtime_checkable
class FileFormat(Protocol):
    """The format of single files."""

    def recognises(self, head: FileHead) -> bool:
        """Whether a file is of this format, by what stands in it rather than by its name."""


@runtime_checkable
class GroupFormat(Protocol):
    """A format that spreads over several files."""

    def groups(self, heads: Sequence[FileHead]) -> Iterable[Sequence[FileHead]]:
        """The files that belong together, among files that no other format has taken.

        Heads hold the first `SHORT_BYTES` alone.
        """


@runtime_checkable
class BlockFormat(SourceFormat, Protocol):
    """What the module of a format with MASSIVE's columns brings, beside `recognises`."""

    @property
    def SUFFIXES(self) -> tuple[str, ...]:  # noqa: N802 - a constant of a module
        """The ends of names that are its alone, such as `.jsonl`; else such a file is a mistake."""

    def read(self, stream: IO[bytes], maps: LabelMaps) -> Iterator[RawBlock]:
        """The rows of a file, block by block.

        Args:
            stream: The plain bytes of the file.
            maps: Names of labels that stand as integers.
        """


@runtime_checkable
class TaggedFormat(BlockFormat, Protocol):
    """A format with MASSIVE's columns whose rows may be tokens with tags instead.

    Such files are read like those of a foreign format, as a tag scheme is told from all of them.
    """

    def has_tags(self, stream: IO[bytes]) -> bool:
        """Whether the rows of a file are tokens with tags."""

    def read_tagged(self, stream: IO[bytes], maps: LabelMaps) -> Iterator[ForeignRow]:
        """The rows of such a file."""


def companions(names: Iterable[str]) -> tuple[str, ...]:
    """Patterns of files that lie beside the data of some formats and need no mention."""
    known = formats()
    return tuple(pattern for name in names for pattern in getattr(known[name], "COMPANIONS", ()))


def formats() -> Mapping[str, SourceFormat]:
    """All formats by the name of their module, sorted."""
    # A folder has thousands of names to look at, and tests add formats.
    return _formats(tuple(__path__))


@cache
def _formats(paths: tuple[str, ...]) -> Mapping[str, SourceFormat]:
    names = sorted(info.name for info in pkgutil.iter_modules(paths))
    modules = {name: import_module(f"{__name__}.{name}") for name in names}
    return cast("Mapping[str, SourceFormat]", modules)
