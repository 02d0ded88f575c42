"""A line of a prediction file on its way through the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class CheckedLine:
    """A line on its way through the rules, which fill it in.

    Attributes:
        raw: Its bytes.
        value: The object in it.
        locale: As the data set calls it.
        row: Its row in the index, or `None`.
        labels: Predicted token labels, if they align.
    """

    raw: bytes
    value: dict[str, Any] = field(default_factory=dict)
    locale: str = ""
    row: int | None = None
    labels: list[str] | None = None
