"""Tables as values: what is shown, apart from how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from massive_kit.schema.scores import Difference, Estimate

# Text, a count, a score or a difference of scores, any other number, or nothing.
Cell = str | int | float | Estimate | Difference | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        key: For machines.
        title: For people.
        numeric: Whether it is set to the right.
        decimals: Of its numbers with a fraction, as people read them; `None` for four significant
            digits.
    """

    key: str
    title: str
    numeric: bool = True
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        key: For machines.
        title: For people.
        columns: Its columns.
        rows: Its rows, each as long as `columns`.
        notes: What a reader must know, a sentence each.
        interval: Of how many cases intervals hold the truth, as people read it.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    interval: str = "95 %"


def interval(cell: Cell) -> str:
    """The interval of a score as people read it, in percent, or nothing."""
    if not isinstance(cell, (Estimate, Difference)) or cell.low is None or cell.high is None:
        return ""
    if isinstance(cell, Difference):
        digits = _digits(cell)
        return f"[{100 * cell.low:+.{digits}f}, {100 * cell.high:+.{digits}f}]"
    return f"[{100 * cell.low:.1f}, {100 * cell.high:.1f}]"


def text(cell: Cell, decimals: int | None = None) -> str:
    """A cell without its interval, as people read it: scores in percent.

    Args:
        cell: The cell.
        decimals: Of its column.
    """
    match cell:
        case None:
            return "-"
        case Difference():
            return f"{100 * cell.value:+.{_digits(cell)}f}"
        case Estimate():
            return f"{100 * cell.value:.1f}"
        case float() if decimals is not None:
            return f"{cell:z.{decimals}f}"
        case float():
            return f"{cell:.4f}" if abs(cell) <= 1 else f"{cell:.4g}"
        case int():
            return f"{cell:,}"
        case _:
            return cell


def _digits(cell: Difference) -> int:
    """Decimals of a difference in points: 1, and more where one would hide that it is not zero."""
    if cell.low is None or cell.high is None or cell.low <= 0 <= cell.high:
        return 1
    least = 100 * min(abs(cell.low), abs(cell.high))
    return next((digits for digits in (1, 2) if round(least, digits)), 3)


def columns(
    *texts: str, numbers: Sequence[tuple[str, str]] = (), decimals: int | None = None
) -> tuple[Column, ...]:
    """Columns of text (whose keys are their titles), then of numbers (key, title).

    Args:
        texts: Of the columns of text.
        numbers: Of the columns of numbers.
        decimals: Of numbers with a fraction.
    """
    return (
        *(Column(name, name, numeric=False) for name in texts),
        *(Column(key, title, decimals=decimals) for key, title in numbers),
    )
