"""What callers from Python give, checked as the command line checks its options."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral

from massive_kit.errors import UsageError

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
    if not isinstance(value, Iterable):
        raise UsageError(f"{name} is {value!r:.{_SHOWN}}; expected a list, such as [{example!r}]")
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
