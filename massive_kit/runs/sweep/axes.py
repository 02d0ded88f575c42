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
        keys: A key of the recipe, or `data.` and a key of the data; several that go together.
        values: What they are set to, in the order given, as written; each as long as `keys`.
    """

    keys: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]


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

    def without(self, axis: Axis) -> Point:
        """The point on all axes but one."""
        return Point(tuple(pair for pair in self.values if pair[0] not in axis.keys))


def parse_axes(texts: Sequence[str]) -> list[Axis]:
    """Axes of the values of `--over`.

    `optimiser.lr=1e-4,3e-4` is one; `data.per_intent,training.epochs=1:20,5:8` sets two keys
    together. A comma or a colon within brackets ends no value.

    Raises:
        UsageError: One is no axis, or two are of one key; every mistake is told.
    """
    axes, wrong = [], []
    for text in texts:
        left, equals, right = text.partition("=")
        keys = tuple(key.strip() for key in left.split(","))
        values = tuple(
            tuple(_split(value, ":")) if len(keys) > 1 else (value,) for value in _split(right, ",")
        )
        each = "KEY=VALUE,VALUE,..." if len(keys) == 1 else f"{left}=" + ":".join("V" * len(keys))
        if not equals or "" in keys or any("" in value for value in values):
            wrong.append(f"--over {text!r}: expected {each}")
        elif short := [value for value in values if len(value) != len(keys)]:
            wrong.append(f"--over {text!r}: {':'.join(short[0])!r} does not fit {each}")
        elif len(set(values)) < len(values):
            wrong.append(f"--over {text!r}: a value stands there twice")
        axes.append(Axis(keys, values))
    names = [key for axis in axes for key in axis.keys]
    wrong += [f"--over {key}: given twice" for key in dict.fromkeys(names) if names.count(key) > 1]
    if wrong:
        raise UsageError("; ".join(wrong))
    return axes


def points(axes: Sequence[Axis]) -> list[Point]:
    """All points of the grid, the last axis fastest.

    Raises:
        UsageError: Two points would share a folder.
    """
    grid = [
        Point(
            tuple(
                pair
                for axis, value in zip(axes, values, strict=True)
                for pair in zip(axis.keys, value, strict=True)
            )
        )
        for values in itertools.product(*(axis.values for axis in axes))
    ]
    by_name: dict[str, Point] = {}
    for point in grid:
        if (other := by_name.setdefault(point.name, point)) is not point:
            same = " and ".join(str(dict(each.values)) for each in (other, point))
            raise UsageError(f"--over: {same} would share the folder {point.name}")
    return grid


def _split(text: str, at: str) -> list[str]:
    parts, depth = [""], 0
    for character in text:
        depth += (character in "[{") - (character in "]}")
        if character == at and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _plain(value: str) -> str:
    return "".join(c if c in _PLAIN else "-" for c in value)[:60].strip(".") or "-"
