"""Which sessions of a file come more than once; a log that holds them twice counts them twice."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from massive_kit.files.bounded_lines import bounded_lines

# Of these at most so many are told, whose names are in memory.
_MOST = 1_000


class Repeated(NamedTuple):
    """A session that comes again.

    Attributes:
        name: Its name.
        line: Where it begins again.
        first: Where it began first.
    """

    name: str
    line: int
    first: int


@dataclass(slots=True)
class SessionNames:
    """The names of a file's sessions, of which 8 bytes each are in memory."""

    _hashes: array[int] = field(default_factory=lambda: array("q"))

    def add(self, name: str) -> None:
        """Takes the name of a session that begins."""
        self._hashes.append(hash(name))

    def repeated(self, path: Path, most: int) -> Iterator[Repeated]:
        """The sessions that begin again, from a second reading of the file, if there are some.

        Args:
            path: The file.
            most: Bytes that may be read of it.
        """
        if not self._hashes:
            return
        hashes = np.frombuffer(self._hashes, np.int64)
        # In place: there may be many millions.
        hashes.sort()
        twice = {*hashes[1:][hashes[1:] == hashes[:-1]][:_MOST].tolist()}
        if not twice:
            return
        began: dict[str, int] = {}
        for line in bounded_lines(path, most):
            name = _beginning(line.text or "")
            if name is None or hash(name) not in twice:
                continue
            if name in began:
                yield Repeated(name, line.number, began[name])
            began.setdefault(name, line.number)


def _beginning(text: str) -> str | None:
    """The name of the session whose first turn a line is."""
    try:
        value: Any = orjson.loads(text)
    except ValueError:
        return None
    is_first = isinstance(value, dict) and value.get("turn") == 1
    name = value.get("session") if is_first else None
    return name if isinstance(name, str) else None
