"""Numbers of locales as a command line gives them: `de-DE=0.5`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from massive_kit.errors import UsageError
from massive_kit.languages import LanguageTable


def locale_numbers(given: Sequence[str], flag: str, among: Iterable[str]) -> dict[str, float]:
    """The numbers by locale.

    Args:
        given: `LOCALE=NUMBER`, the locale spelled in any way.
        flag: The option that they were given by.
        among: The locales that there are.

    Raises:
        UsageError: One is not of this form, below 0, or of another locale; all are told.
    """
    known = tuple(among)
    table = LanguageTable.shipped()
    numbers: dict[str, float] = {}
    problems = []
    for text in given:
        name, _, value = text.partition("=")
        match = table.match(name, known)
        number = _number(value)
        if number is None:
            problems.append(f"{flag} {text!r} is not LOCALE=NUMBER")
        elif not match.known:
            hint = f" ({match.hint})" if match.hint else ""
            problems.append(f"{flag} {text!r}: {name!r} is none of the locales here{hint}")
        else:
            numbers[match.locale] = number
    if problems:
        raise UsageError("; ".join(problems))
    return numbers


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
