"""Mistakes in files from outside: all are counted, the first ones are kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from massive_kit.errors import DataError, Problem

_KEPT = 200


@dataclass(slots=True)
class Mistakes:
    """The mistakes of one or several files.

    Attributes:
        problems: The first ones.
        total: How many there are.
    """

    problems: list[Problem] = field(default_factory=list)
    total: int = 0

    def add(
        self,
        where: str,
        line: int,
        found: str,
        expected: str | None = None,
        todo: str | None = None,
    ) -> None:
        """Takes a mistake."""
        self.total += 1
        if len(self.problems) < _KEPT:
            self.problems.append(Problem(where, found, expected, todo, line=line))

    def raise_if_any(self, summary: str) -> None:
        """Ends the command where there are some.

        Raises:
            DataError: With the first mistakes, and how many there are.
        """
        if self.total:
            raise DataError(summary, self.problems, self.total)
