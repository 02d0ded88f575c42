"""Locales that a task trains on and does not test: a file may hold them, and no score does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.label_columns import LabelColumns
from massive_kit.submission import rules
from massive_kit.submission.report import Collector, Violation

if TYPE_CHECKING:
    from massive_kit.submission.index import TaskIndex


@dataclass(frozen=True, slots=True)
class UntestedLocales:
    """The training locales of a task that it does not test, its source locale among them.

    Attributes:
        locales: Their names.
        source: The one that transfer is measured from, if any.
        index: Gives the rows of those that the data hold.
    """

    locales: tuple[str, ...]
    source: str | None
    index: Callable[[], TaskIndex]


@dataclass(frozen=True, slots=True)
class SetAside:
    """What a prediction file holds for an untested locale.

    Attributes:
        rows: How many lines.
        columns: The predictions, row by row as the data have them; `None` where a row is missing or
            wrong, so that no number may come of them.
    """

    rows: int
    columns: LabelColumns | None


class UntestedRows:
    """Keeps account of such lines while a file is read, and turns their mistakes into warnings."""

    def __init__(self, untested: UntestedLocales | None) -> None:
        self._untested = untested
        self._locales = frozenset(untested.locales if untested else ())
        self._wrong: set[str] = set()
        # Lines that are no row of the data, or one that was there before.
        self._more: Counter[str] = Counter()

    @property
    def locales(self) -> frozenset[str]:
        """The untested locales."""
        return self._locales

    def among(self, locale: str) -> str | None:
        """The locale of a line, if it is an untested one."""
        return locale if locale in self._locales else None

    def soften(self, violation: Violation, locale: str | None) -> Violation:
        """A mistake in a row of an untested locale as a warning; others as they are."""
        if locale is None or violation.rule.severity == "warning":
            return violation
        self._wrong.add(locale)
        return Violation(
            rules.UNTESTED_WRONG,
            f"{locale}, which is not scored: {violation.found}",
            violation.expected,
            violation.todo,
            violation.excerpt,
        )

    def count_line(self, locale: str | None) -> None:
        """Counts a line of an untested locale that no row of the data is counted for."""
        if locale is not None:
            self._more[locale] += 1

    def finish(
        self, columns: LabelColumns, given: NDArray[np.bool_], collector: Collector, where: str
    ) -> dict[str, SetAside]:
        """What the file holds by locale, and the warnings of it.

        Args:
            columns: All that was read, the rows of untested locales among it.
            given: Shape (n,), which rows are in the file.
            collector: Takes the warnings.
            where: The file.
        """
        held = {}
        for locale in self._untested.locales if self._untested else ():
            rows = columns.rows_of(locale)
            known = int(given[rows.start : rows.stop].sum())
            lines = known + self._more[locale]
            if not lines:
                continue
            if lacking := len(rows) - known:
                words = f"{locale}, which is not scored, lacks {lacking:,} of {len(rows):,} rows"
                collector.add(Violation(rules.UNTESTED_WRONG, words), where, times=lacking)
            whole = len(rows) > 0 and not lacking and locale not in self._wrong
            held[locale] = SetAside(lines, columns.only(locale) if whole else None)
            collector.add(self._notice(locale, held[locale]), where)
        return held

    def _notice(self, locale: str, rows: SetAside) -> Violation:
        todo = "left out of all scores"
        if self._untested and locale == self._untested.source:
            todo += (
                "; `eval` measures the transfer gap from them, unless --source is given"
                if rows.columns
                else "; no transfer gap can be measured from them"
            )
        what = f"{rows.rows:,} row{'' if rows.rows == 1 else 's'} of {locale}"
        return Violation(rules.UNTESTED, f"{what}, which the task does not test", todo=todo)
