"""The JSON of a file that is one value, with the place of each part, so that rows have lines."""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterator
from typing import Any

from massive_kit.data.intake.source_files import SourceFile
from massive_kit.errors import DataError, Problem

_SPACE = re.compile(r"[ \t\r\n]*")


class LocatedJson:
    """The JSON of a file.

    Attributes:
        text: All of it.
        start: Where its value begins.
    """

    def __init__(self, file: SourceFile) -> None:
        """Reads the file.

        Raises:
            DataError: It is too large, not text, or not JSON.
        """
        self.text = file.text()
        self.start = self._skip(0)
        self._line_ends = [match.start() for match in re.finditer("\n", self.text)]
        try:
            end = self._skip(self.value(self.start)[1])
        except json.JSONDecodeError as error:
            raise _broken(file, error.msg, error.lineno) from None
        except (ValueError, RecursionError) as error:
            raise _broken(file, str(error), None) from None
        if end < len(self.text):
            raise _broken(file, "more after its end", self.line(end))

    def line(self, at: int) -> int:
        """The line of a place, from 1."""
        return bisect.bisect_left(self._line_ends, at) + 1

    def value(self, at: int) -> tuple[Any, int]:
        """The value that begins at a place, and one past its end."""
        value, end = json.JSONDecoder().raw_decode(self.text, at)
        return value, end

    def members(self, at: int) -> Iterator[tuple[str, int]]:
        """The keys of an object and where their values begin; none of what is no object."""
        for start in self._parts(at, "{}"):
            key, end = self.value(start)
            yield key, self._skip(self._skip(end) + 1)

    def items(self, at: int) -> Iterator[int]:
        """Where the items of a list begin; none of what is no list."""
        return self._parts(at, "[]")

    def _parts(self, at: int, brackets: str) -> Iterator[int]:
        if not self.text.startswith(brackets[0], at):
            return
        at = self._skip(at + 1)
        while not self.text.startswith(brackets[1], at):
            yield at
            end = self._skip(self.value(at)[1])
            if self.text.startswith(":", end):
                end = self._skip(self.value(self._skip(end + 1))[1])
            at = self._skip(end + 1) if self.text.startswith(",", end) else end

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        assert match is not None
        return match.end()


def _broken(file: SourceFile, reason: str, line: int | None) -> DataError:
    problem = Problem(file.name, f"not JSON: {reason}", line=line)
    return DataError(f"{file.name} cannot be read", [problem])
