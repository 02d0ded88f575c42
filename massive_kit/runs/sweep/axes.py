"""The axes of a sweep, and the points of the grid that they span."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from massive_kit.errors import UsageError

_DATA = "data."
# Files and folders are named after points.
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-+_")


@dataclass(frozen=True, slots=True)
class Axis:
    """What one `--over` says.

    Attributes:
        key: A key of the recipe, or `data.` and a key of the data.
        values: What it is set to, in the order given, as written.
    """

    key: str
    values: tuple[str, ...]

    @property
    def of_data(self) -> bool:
        """Whether it changes the data and not the recipe."""
        return self.key.startswith(_DATA)


@dataclass(frozen=True, slots=True)
class Point:
    """A value of each axis.

    Attributes:
        values: By key, as written.
    """

    values: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The folder of its runs: the last part of each key, and its value."""
        parts = [f"{key.rpartition('.')[2]}-{_plain(value)}" for key, value in self.values]
        return "_".join(parts) or "recipe"

    @property
    def overrides(self) -> list[str]:
        """What it changes of the recipe, as `-o` takes it."""
        return [f"{key}={value}" for key, value in self.values if not key.startswith(_DATA)]

    @property
    def data(self) -> dict[str, str]:
        """What it changes of the data: the key without `data.`, and its value."""
        return {
            key.removeprefix(_DATA): value for key, value in self.values if key.startswith(_DATA)
        }

    def without(self, key: str) -> Point:
        """The point on all axes but one."""
        return Point(tuple(pair for pair in self.values if pair[0] != key))


def parse_axes(texts: Sequence[str]) -> list[Axis]:
    """Axes of the values of `--over`, such as `optimiser.lr=1e-4,3e-4`.

    A comma within brackets does not end a value.

    Raises:
        UsageError: One is no axis, or two are of one key; every mistake is told.
    """
    axes, wrong = [], []
    for text in texts:
        key, equals, values = text.partition("=")
        parts = tuple(part.strip() for part in _split(values))
        if not equals or not key.strip() or "" in parts:
            wrong.append(f"--over {text!r}: expected KEY=VALUE,VALUE,...")
        elif len(set(parts)) < len(parts):
            wrong.append(f"--over {text!r}: a value stands there twice")
        axes.append(Axis(key.strip(), parts))
    keys = [axis.key for axis in axes]
    wrong += [f"--over {key}: given twice" for key in dict.fromkeys(keys) if keys.count(key) > 1]
    if wrong:
        raise UsageError("; ".join(wrong))
    return axes


def points(axes: Sequence[Axis]) -> list[Point]:
    """All points of the grid, the last axis fastest.

    Raises:
        UsageError: Two points would share a folder.
    """
    grid = [
        Point(tuple(zip([axis.key for axis in axes], values, strict=True)))
        for values in itertools.product(*(axis.values for axis in axes))
    ]
    by_name: dict[str, Point] = {}
    for point in grid:
        if (other := by_name.setdefault(point.name, point)) is not point:
            same = " and ".join(str(dict(each.values)) for each in (other, point))
            raise UsageError(f"--over: {same} would share the folder {point.name}")
    return grid


def _split(text: str) -> list[str]:
    parts, depth = [""], 0
    for character in text:
        depth += (character in "[{") - (character in "]}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _plain(value: str) -> str:
    return "".join(c if c in _PLAIN else "-" for c in value)[:60].strip(".") or "-"
