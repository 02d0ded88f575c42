"""Numbers of things in words."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number of things in words: `1 system`, `6 systems`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
