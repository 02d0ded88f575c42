"""Formats that data come in. Each is one module of this package, found by being there.

A module says what it is called in messages (`TITLE`), which files are its own, by what stands in
them, and reads them. Most give an utterance at a time as a `ForeignRow`; what becomes of ids,
locales, partitions, tags and brackets is not their business:

- `recognises(head)`: whether a file is of this format, where a file stands alone; or
  `groups(heads)`: the files that belong together, where a format spreads over several;
- `read_rows(files)`: the rows of such a file, or of such a group.

Two formats that have MASSIVE's own columns read whole blocks at once (`BlockFormat`).
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
class RowFormat(SourceFormat, Protocol):
    """What the module of a foreign format brings, beside `recognises` or `groups`."""

    def read_rows(self, files: Sequence[SourceFile]) -> Iterator[ForeignRow]:
        """The rows of one file, or of one group in the order that `groups` gave.

        It is called twice: the tag scheme is recognised from the whole corpus. What is wrong with a
        row goes into its `mistakes`.

        Raises:
            DataError: The file cannot be read at all.
        """


@runtime_checkable
class FileFormat(Protocol):
    """The format of single files."""

    def recognises(self, head: FileHead) -> bool:
        """Whether a file is of this format, by what stands in it rather than by its name."""


@runtime_checkable
class GroupFormat(Protocol):
    """A format that spreads over several files."""

    def groups(self, heads: Sequence[FileHead]) -> Iterable[Sequence[FileHead]]:
        """The files that belong together, among files that no other format has taken."""


@runtime_checkable
class BlockFormat(SourceFormat, Protocol):
    """What the module of a format with MASSIVE's columns brings."""

    @property
    def SUFFIXES(self) -> tuple[str, ...]:  # noqa: N802 - a constant of a module
        """The ends of the names of its files, such as `.jsonl` and `.jsonl.gz`."""

    def read(self, stream: IO[bytes], maps: LabelMaps) -> Iterator[RawBlock]:
        """The rows of a file, block by block.

        Args:
            stream: The plain bytes of the file.
            maps: Names of labels that stand as integers.
        """


# What a file is taken for that is named on the command line and has none of the known ends.
DEFAULT = "jsonl"


def formats() -> Mapping[str, SourceFormat]:
    """All formats by the name of their module, sorted."""
    # A folder has thousands of names to look at, and tests add formats.
    return _formats(tuple(__path__))


def block_formats() -> Mapping[str, BlockFormat]:
    """Those that read whole blocks."""
    known = formats().items()
    return {name: module for name, module in known if isinstance(module, BlockFormat)}


@cache
def _formats(paths: tuple[str, ...]) -> Mapping[str, SourceFormat]:
    names = sorted(info.name for info in pkgutil.iter_modules(paths))
    modules = {name: import_module(f"{__name__}.{name}") for name in names}
    return cast("Mapping[str, SourceFormat]", modules)


def format_of(name: str) -> str | None:
    """The name of the format of a file, by the file's name; `None` where it is of none."""
    # macOS leaves `._name` shadows in folders and archives.
    if name.startswith("."):
        return None
    known = block_formats().items()
    return next((key for key, module in known if name.endswith(module.SUFFIXES)), None)


def suffixes() -> tuple[str, ...]:
    """The ends of the names of all files that can be read."""
    return tuple(suffix for known in block_formats().values() for suffix in known.SUFFIXES)
