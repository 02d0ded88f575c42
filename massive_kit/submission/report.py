"""What a check found: every mistake counted, a few of each kind told in full."""

from __future__ import annotations

from collections import Counter
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
        todo: What to do.
        excerpt: The offending piece of the line.
    """

    found: str
    expected: str | None = None
    todo: str | None = None
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
    """

    problems: tuple[Problem, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    errors: int = 0
    warnings: int = 0
    rows: int = 0
    expected_rows: int = 0
    files: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether there is no error."""
        return self.errors == 0


class Collector:
    """Counts every breach and keeps the first few of each kind, so that memory stays bounded."""

    def __init__(self, shown: int = SHOWN) -> None:
        self.shown = shown
        self.counts: Counter[str] = Counter()
        self.rules: dict[str, Rule] = {}
        self._kept: dict[str, list[tuple[int, Problem]]] = {}
        self._order: dict[str, int] = {}

    def wanted(self, rule: Rule) -> bool:
        """Whether a breach of this rule would still be told in full."""
        return self.counts[rule.code] < self.shown

    def add(
        self, rule: Rule, where: str, line: int | None, finding: Finding, times: int = 1
    ) -> None:
        """Counts a breach (`times` of them, told as one) and keeps it if there is room."""
        kept = self._kept.setdefault(rule.code, [])
        self.counts[rule.code] += times
        self.rules[rule.code] = rule
        if len(kept) < self.shown:
            order = self._order.setdefault(where, len(self._order))
            problem = Problem(
                where=where,
                found=finding.found,
                expected=finding.expected,
                todo=finding.todo,
                line=line,
                code=rule.code,
                severity=rule.severity,
                excerpt=finding.excerpt,
            )
            kept.append((order, problem))

    def total(self, severity: Severity) -> int:
        """How many breaches of that severity there are."""
        return sum(n for code, n in self.counts.items() if self.rules[code].severity == severity)

    def report(self, *, rows: int, expected_rows: int, files: tuple[str, ...]) -> Report:
        """All that was found, sorted by file and line; what has no line comes last."""
        kept = [entry for own in self._kept.values() for entry in own]
        kept.sort(key=lambda e: (e[1].line is None, e[0], e[1].line or 0, e[1].code or ""))
        return Report(
            problems=tuple(problem for _, problem in kept),
            counts=dict(sorted(self.counts.items())),
            errors=self.total("error"),
            warnings=self.total("warning"),
            rows=rows,
            expected_rows=expected_rows,
            files=files,
        )
