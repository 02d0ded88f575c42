"""A report for people, for machines, and for GitHub's checks."""

from __future__ import annotations

from typing import Any

from massive_kit.errors import Problem, visible
from massive_kit.files import jsonio
from massive_kit.submission.report import Report
from massive_kit.submission.rules import RULES

_BY_CODE = {rule.code: rule for rule in RULES}
_TOLD = 2_000  # The longest message; hostile text must not flood a terminal.


def text(report: Report, task: str) -> str:
    """Every problem with its line and excerpt, how many there are of each kind, and the verdict."""
    lines = []
    for problem in report.problems:
        mark = "warning " if problem.severity == "warning" else ""
        lines.append(f"{_place(problem)}: {mark}{problem.code} {_message(problem)}")
        if problem.excerpt:
            lines.append(f"    | {_clean(problem.excerpt)}")
    if report.counts:
        told: dict[str | None, int] = {}
        for problem in report.problems:
            told[problem.code] = told.get(problem.code, 0) + 1
        lines.append("")
        for code, count in report.counts.items():
            rule = _BY_CODE[code]
            shown = f"the first {told[code]:,} told" if told[code] == report.shown < count else ""
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
        "files": [visible(name) for name in report.files],
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
                "file": visible(problem.where),
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
        properties = f"file={_property(visible(problem.where))}"
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
    rows = [f"{r.code}  {r.severity:7}  {r.title:34}  {r.why}".rstrip() for r in RULES]
    return "\n".join(rows) + "\n"


def rules_markdown() -> str:
    """All rules as a Markdown table, as it stands in the documentation."""
    rows = [f"| {r.code} | {r.severity} | {r.title} | {r.why} |" for r in RULES]
    return (
        "\n".join(["| code | severity | wrong is | so |", "| --- | --- | --- | --- |", *rows])
        + "\n"
    )


def rules_json() -> str:
    """All rules as JSON."""
    return jsonio.dumps_ordered(
        [{"code": r.code, "severity": r.severity, "title": r.title, "why": r.why} for r in RULES]
    )


def _place(problem: Problem) -> str:
    return visible(problem.place)


def _message(problem: Problem) -> str:
    told = problem.found
    if problem.expected:
        told += f"; expected {problem.expected}"
    if problem.todo:
        told += f" ({problem.todo})"
    return _clean(told)


def _clean(value: str) -> str:
    return visible(value[:_TOLD])


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _escape(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _escape(value).replace(":", "%3A").replace(",", "%2C")
