"""What callers from Python give, checked as the command line checks its options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from numbers import Integral
from os import PathLike
from pathlib import Path

from massive_kit.errors import UsageError

AnyPath = str | PathLike[str]

MOST_RESAMPLES = 1_000_000
# Numpy's generators take no larger seed.
_MOST = 2**63 - 1
_SHOWN = 60


def whole_number(name: str, value: object, least: int = 0, most: int = _MOST) -> int:
    """A number that an argument of that name has.

    Raises:
        UsageError: It is no whole number, or out of range.
    """
    if isinstance(value, Integral) and not isinstance(value, bool) and least <= int(value) <= most:
        return int(value)
    limits = f"{least:,} to {most:,}" if most < _MOST else f"{least:,}"
    raise UsageError(f"{name} is {value!r:.{_SHOWN}}; expected a whole number from {limits}")


def list_of_names(name: str, value: object, example: str) -> tuple[str, ...]:
    """The names that an argument holds, each once.

    Raises:
        UsageError: It is one text, or no list of texts.
    """
    if isinstance(value, str):
        what = f"the text {value[:_SHOWN]!r}"
        raise UsageError(f"{name} is {what}; expected a list, such as [{value[:_SHOWN]!r}]")
    if not isinstance(value, Iterable) or isinstance(value, Mapping):
        raise UsageError(f"{name} is {_kind(value)}; expected a list, such as [{example!r}]")
    names = [*value]
    for item in names:
        if not isinstance(item, str):
            words = f"{item!r:.{_SHOWN}}"
            raise UsageError(f"{name} holds {words}; expected texts, such as {example!r}")
    return tuple(dict.fromkeys(names))


def sampling(resamples: object, seed: object) -> tuple[int, int]:
    """The number of resamples, and the seed of the draw.

    Raises:
        UsageError: One of them is none.
    """
    return whole_number("resamples", resamples, 0, MOST_RESAMPLES), whole_number("seed", seed)


def path_of(name: str, value: object, expected: str = "a path") -> Path:
    """The path that an argument names, or that a run lies at.

    Args:
        name: Of the argument.
        value: Its value.
        expected: What it may be, in words.

    Raises:
        UsageError: It is none.
    """
    lies_at = getattr(value, "path", None)
    place = lies_at if isinstance(lies_at, Path) else value
    if not isinstance(place, str | PathLike):
        raise UsageError(f"{name} is {_kind(value)}; expected {expected}")
    if not str(place):
        raise UsageError(f"{name} is empty; expected {expected}")
    return Path(place)


def paths_of(name: str, value: object) -> tuple[Path, ...]:
    """The paths of an argument that takes one or several.

    Raises:
        UsageError: There is none, or something else than a path.
    """
    expected = "a path"
    if hasattr(value, "columns") or hasattr(value, "features"):
        expected += "; massive_kit.score takes rows"
    if not isinstance(value, list | tuple | set | frozenset | Iterator):
        return (path_of(name, value, expected),)
    paths = tuple(path_of(name, item) for item in value)
    if not paths:
        raise UsageError(f"{name} is empty; expected a path, or several")
    return paths


def choice(name: str, value: object, known: Iterable[str]) -> None:
    """Refuses what an argument cannot be.

    Raises:
        UsageError: It is none of those known.
    """
    if value not in (names := [*known]):
        raise UsageError(f"{name} is {value!r:.{_SHOWN}}; expected {' or '.join(map(repr, names))}")


def _kind(value: object) -> str:
    if value is None or isinstance(value, int | float | str):
        return f"{value!r:.{_SHOWN}}"
    return f"of type {type(value).__name__}"
