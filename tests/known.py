"""What must be there: a score that is defined, so that types need no word about the others."""

from __future__ import annotations

from typing import TypeVar

Value = TypeVar("Value")


def known(value: Value | None) -> Value:
    """The value, which is not `None`."""
    assert value is not None
    return value
