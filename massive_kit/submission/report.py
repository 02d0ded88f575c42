"""The outcome of a check: every mistake is counted, and the first of each kind are listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING

from massive_kit.errors import Problem, Severity
from massive_kit.notebook import ShownAsTable

if TYPE_CHECKING:
    import pandas as pd

# Of each kind; the count is always the true one.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that a submission has to keep.

    Attributes:
        code: Its stable name, such as `MK301`.
        title: What is wrong if it is broken, in a few words.
        todo: What to do.
        severity: A warning never makes a file invalid.
    """

    code: str
    title: str
    todo: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a rule is broken, which the report may list or only count.

    Attributes:
        rule: The rule.
        found: What is there.
        expected: What should be there.
        todo: What to do; a function where that takes time to find out, called only if it is listed.
        excerpt: The offending part of the line.
    """

    rule: Rule
    found: str
    expected: str | None = None
    todo: str | Callable[[], str | None] | None = None
    excerpt: str | None = None


@dataclass(frozen=True, slots=True)
class Report(ShownAsTable):
    """The outcome of a check.

    Attributes:
        problems: What is wrong, by file and line; of each kind the first few.
        counts: How often each rule was broken in truth, by code.
        errors: Violations that make the file invalid.
        warnings: Violations that do not.
        rows: Rows of the task that a line was read for.
        expected_rows: Rows that the task has.
        files: The files read.
        shown: How many problems of a kind are listed at most.
    """

    problems: tuple[Problem, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    errors: int = 0
    warnings: int = 0
    rows: int = 0
    expected_rows: int = 0
    files: tuple[str, ...] = ()
    shown: int = SHOWN

    def to_frame(self) -> pd.DataFrame:
        """The problems listed as a pandas data frame, one row per problem."""
        import pandas as pd

        names = [column.name for column in fields(Problem)]
        return pd.DataFrame([asdict(problem) for problem in self.problems], columns=names)

    @property
    def valid(self) -> bool:
        """Whether there is no error."""
        return self.errors == 0


def joined(reports: Sequence[Report]) -> Report:
    """Several reports as one, in their order."""
    counts: Counter[str] = Counter()
    for report in reports:
        counts.update(report.counts)
    return Report(
        problems=tuple(problem for report in reports for problem in report.problems),
        counts=dict(sorted(counts.items())),
        errors=sum(report.errors for report in reports),
        warnings=sum(report.warnings for report in reports),
        rows=sum(report.rows for report in reports),
        expected_rows=sum(report.expected_rows for report in reports),
        files=tuple(file for report in reports for file in report.files),
        shown=max(report.shown for report in reports),
    )


class Collector:
    """Counts every violation and keeps the first few of each kind, so that memory stays bounded.

    Violations with the same words are listed once, with their number.
    """

    def __init__(self, shown: int = SHOWN) -> None:
        self.shown = shown
        self.counts: Counter[str] = Counter()
        self.rules: dict[str, Rule] = {}
        self._kept: dict[str, dict[tuple[str, str], _Kept]] = {}
        self._order: dict[str, int] = {}

    def add(
        self, violation: Violation, where: str, line: int | None = None, *, times: int = 1
    ) -> None:
        """Counts a violation and keeps it if there is room.

        Args:
            violation: The rule that is broken, and how.
            where: The file.
            line: The line in it, from 1, if it has one.
            times: How often the rule is broken, listed as one.
        """
        rule = violation.rule
        kept = self._kept.setdefault(rule.code, {})
        self.counts[rule.code] += times
        self.rules[rule.code] = rule
        key = (where, violation.found)
        if key in kept:
            kept[key].again += 1
        elif len(kept) < self.shown:
            order = self._order.setdefault(where, len(self._order))
            kept[key] = _Kept(order, violation, where, line)

    def total(self, severity: Severity) -> int:
        """How many violations of that severity there are."""
        return sum(n for code, n in self.counts.items() if self.rules[code].severity == severity)

    def report(self, *, rows: int, expected_rows: int, files: tuple[str, ...]) -> Report:
        """The report, sorted by file and line; problems without a line come last."""
        kept = [violation for by_words in self._kept.values() for violation in by_words.values()]
        kept.sort(key=_Kept.position)
        return Report(
            problems=tuple(violation.problem() for violation in kept),
            counts=dict(sorted(self.counts.items())),
            errors=self.total("error"),
            warnings=self.total("warning"),
            rows=rows,
            expected_rows=expected_rows,
            files=files,
            shown=self.shown,
        )


@dataclass(slots=True)
class _Kept:
    order: int
    violation: Violation
    where: str
    line: int | None
    again: int = 0

    def position(self) -> tuple[bool, int, int, str]:
        return self.line is None, self.order, self.line or 0, self.violation.rule.code

    def problem(self) -> Problem:
        violation = self.violation
        words = violation.found
        if self.again:
            words += f", here and {self.again:,} more time{'' if self.again == 1 else 's'}"
        todo = violation.todo
        return Problem(
            where=self.where,
            found=words,
            expected=violation.expected,
            todo=todo() if callable(todo) else todo,
            line=self.line,
            code=violation.rule.code,
            severity=violation.rule.severity,
            excerpt=violation.excerpt,
        )
