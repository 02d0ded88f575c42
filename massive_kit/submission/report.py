"""What a check found: every mistake counted, a few of each kind told in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from massive_kit.errors import Problem, Severity

# Of each kind; the count is always the true one.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that something handed in has to keep.

    Attributes:
        code: Its stable name, such as `MK301`.
        title: What is wrong if it is broken, in a few words.
        why: What the rule is for, or what to do.
        severity: A warning never makes a file invalid.
    """

    code: str
    title: str
    why: str
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of a rule, before it is known whether it will be told.

    Attributes:
        found: What stands there.
        expected: What should stand there.
        todo: What to do; a function where that takes time to find out, called only if it is told.
        excerpt: The offending piece of the line.
    """

    found: str
    expected: str | None = None
    todo: str | Callable[[], str | None] | None = None
    excerpt: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a check.

    Attributes:
        problems: What was found, by file and line; of each kind the first few.
        counts: How often each rule was broken in truth, by code.
        errors: Breaches that make the file invalid.
        warnings: Breaches that do not.
        rows: Lines that were read.
        expected_rows: Rows that the task has.
        files: The files read.
        shown: How many problems of a kind are told at most.
    """

    problems: tuple[Problem, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    errors: int = 0
    warnings: int = 0
    rows: int = 0
    expected_rows: int = 0
    files: tuple[str, ...] = ()
    shown: int = SHOWN

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
    """Counts every breach and keeps the first few of each kind, so that memory stays bounded.

    A breach whose words are those of one before is told once, with the number of lines.
    """

    def __init__(self, shown: int = SHOWN) -> None:
        self.shown = shown
        self.counts: Counter[str] = Counter()
        self.rules: dict[str, Rule] = {}
        self._kept: dict[str, dict[tuple[str, str], _Kept]] = {}
        self._order: dict[str, int] = {}

    def add(
        self, rule: Rule, where: str, line: int | None, finding: Finding, *, times: int = 1
    ) -> None:
        """Counts a breach (`times` of them, told as one) and keeps it if there is room."""
        kept = self._kept.setdefault(rule.code, {})
        self.counts[rule.code] += times
        self.rules[rule.code] = rule
        key = (where, finding.found)
        if key in kept:
            kept[key].again += 1
        elif len(kept) < self.shown:
            order = self._order.setdefault(where, len(self._order))
            kept[key] = _Kept(order, rule, where, line, finding)

    def total(self, severity: Severity) -> int:
        """How many breaches of that severity there are."""
        return sum(n for code, n in self.counts.items() if self.rules[code].severity == severity)

    def report(self, *, rows: int, expected_rows: int, files: tuple[str, ...]) -> Report:
        """All that was found, sorted by file and line; what has no line comes last."""
        kept = [one for own in self._kept.values() for one in own.values()]
        kept.sort(key=lambda one: (one.line is None, one.order, one.line or 0, one.rule.code))
        return Report(
            problems=tuple(one.problem() for one in kept),
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
    rule: Rule
    where: str
    line: int | None
    finding: Finding
    again: int = 0

    def problem(self) -> Problem:
        found = self.finding.found
        if self.again:
            found += f", here and {self.again:,} more time{'' if self.again == 1 else 's'}"
        todo = self.finding.todo
        return Problem(
            where=self.where,
            found=found,
            expected=self.finding.expected,
            todo=todo() if callable(todo) else todo,
            line=self.line,
            code=self.rule.code,
            severity=self.rule.severity,
            excerpt=self.finding.excerpt,
        )
