"""A report for people, machines and GitHub's checks; the rules for people and machines."""

from __future__ import annotations

from collections import Counter
from typing import Any

from massive_kit.errors import Problem, escape_invisible
from massive_kit.files import jsonio
from massive_kit.submission.report import Report
from massive_kit.submission.rules import RULES

_BY_CODE = {rule.code: rule for rule in RULES}
_LONGEST = 2_000  # The longest message; hostile text must not flood a terminal.


def text(report: Report, task: str) -> str:
    """Every problem with its line and excerpt, how many there are of each kind, and the verdict."""
    lines = []
    for problem in report.problems:
        mark = "warning " if problem.severity == "warning" else ""
        lines.append(f"{_place(problem)}: {mark}{problem.code} {_message(problem)}")
        if problem.excerpt:
            lines.append(f"    | {_clean(problem.excerpt)}")
    if report.counts:
        listed = Counter(problem.code for problem in report.problems)
        lines.append("")
        for code, count in report.counts.items():
            rule = _BY_CODE[code]
            cut = listed[code] == report.shown < count
            shown = f"the first {listed[code]:,} are listed" if cut else ""
            lines.append(
                f"{code}  {rule.severity:7}  {count:>9,}  {rule.title:32}  {shown}".rstrip()
            )
        lines.append("")
    lines.append(verdict(report, task))
    return "\n".join(lines) + "\n"


def verdict(report: Report, task: str) -> str:
    """The outcome in one line."""
    word = "valid" if report.valid else "INVALID"
    rows = f"{report.rows:,} of {report.expected_rows:,} rows"
    return (
        f"{word} for {task}: {_count(report.errors, 'error')},"
        f" {_count(report.warnings, 'warning')}; {rows}"
    )


def as_json(report: Report, task: str) -> str:
    """The report as one JSON object."""
    value: dict[str, Any] = {
        "valid": report.valid,
        "task": task,
        "errors": report.errors,
        "warnings": report.warnings,
        "rows": report.rows,
        "expected_rows": report.expected_rows,
        "files": [escape_invisible(name) for name in report.files],
        "counts": [
            {
                "code": code,
                "severity": _BY_CODE[code].severity,
                "title": _BY_CODE[code].title,
                "count": count,
            }
            for code, count in report.counts.items()
        ],
        "problems": [
            {
                "file": escape_invisible(problem.where),
                "line": problem.line,
                "code": problem.code,
                "severity": problem.severity,
                "found": _clean(problem.found),
                "expected": problem.expected and _clean(problem.expected),
                "todo": problem.todo and _clean(problem.todo),
                "excerpt": problem.excerpt and _clean(problem.excerpt),
            }
            for problem in report.problems
        ],
    }
    return jsonio.dumps_ordered(value)


def github(report: Report, task: str) -> str:
    """The report as workflow commands, which GitHub shows beside the lines of a pull request."""
    lines = []
    for problem in report.problems:
        properties = f"file={_property(escape_invisible(problem.where))}"
        if problem.line is not None:
            properties += f",line={problem.line}"
        rule = _BY_CODE[str(problem.code)]
        properties += f",title={_property(f'{rule.code} {rule.title}')}"
        lines.append(f"::{problem.severity} {properties}::{_escape(_message(problem))}")
    level = "notice" if report.valid else "error"
    lines.append(f"::{level}::{_escape(verdict(report, task))}")
    return "\n".join(lines) + "\n"


def rules_text() -> str:
    """All rules with their codes."""
    rows = [f"{r.code}  {r.severity:7}  {r.title:34}  {r.todo}".rstrip() for r in RULES]
    return "\n".join(rows) + "\n"


def rules_markdown() -> str:
    """All rules as a Markdown table, as it stands in the documentation."""
    head = ["| code | severity | problem | what to do |", "| --- | --- | --- | --- |"]
    rows = [f"| {r.code} | {r.severity} | {r.title} | {r.todo} |" for r in RULES]
    return "\n".join([*head, *rows]) + "\n"


def rules_json() -> str:
    """All rules as JSON."""
    return jsonio.dumps_ordered(
        [{"code": r.code, "severity": r.severity, "title": r.title, "why": r.todo} for r in RULES]
    )


def _place(problem: Problem) -> str:
    return escape_invisible(problem.place)


def _message(problem: Problem) -> str:
    words = problem.found
    if problem.expected:
        words += f"; expected {problem.expected}"
    if problem.todo:
        words += f" ({problem.todo})"
    return _clean(words)


def _clean(value: str) -> str:
    return escape_invisible(value[:_LONGEST])


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _escape(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _escape(value).replace(":", "%3A").replace(",", "%2C")
