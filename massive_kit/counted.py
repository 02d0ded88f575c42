"""Numbers and kinds of things in words."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number of things in words: `1 system`, `6 systems`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def kind_of(value: object) -> str:
    """What a value is in words: `an int`, `a list`, `nothing`."""
    if value is None:
        return "nothing"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
