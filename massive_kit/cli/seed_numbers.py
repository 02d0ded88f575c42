"""Reads `--seeds 0,1,2`."""

from __future__ import annotations

from massive_kit.errors import UsageError

# Numpy's generators take no more.
_LARGEST_SEED = 2**32 - 1


def seed_numbers(text: str) -> list[int]:
    """The seeds that an option lists.

    Raises:
        UsageError: They are no numbers, or two are the same.
    """
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"--seeds {text!r}: expected numbers, such as 0,1,2") from None
    if len(set(numbers)) != len(numbers) or min(numbers) < 0 or max(numbers) > _LARGEST_SEED:
        raise UsageError(f"--seeds {text!r}: expected different numbers from 0 to {_LARGEST_SEED}")
    return numbers
