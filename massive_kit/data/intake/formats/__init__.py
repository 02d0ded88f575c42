"""Formats that data come in. Each is one module of this package, found by being there.

A module brings `SUFFIXES`, the ends of the names of its files, and `read(stream, maps)`, which
gives their rows block by block.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import IO, TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from massive_kit.data.intake.label_maps import LabelMaps
    from massive_kit.data.intake.raw_rows import RawBlock


class SourceFormat(Protocol):
    """What the module of a format brings."""

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
    return next((key for key, known in formats().items() if name.endswith(known.SUFFIXES)), None)


def suffixes() -> tuple[str, ...]:
    """The ends of the names of all files that can be read."""
    return tuple(suffix for known in formats().values() for suffix in known.SUFFIXES)
