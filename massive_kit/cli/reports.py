"""How `validate` and `submission check` print what they found."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import emit, print_text

if TYPE_CHECKING:
    from massive_kit.submission.report import Report


class ReportFormat(StrEnum):
    """How a report is printed."""

    text = "text"
    json = "json"
    github = "github"


ReportFormatOption = Annotated[
    ReportFormat, typer.Option("--format", help="For people, machines, or GitHub's checks.")
]


def print_report(report: Report, subject: str, form: ReportFormat) -> None:
    """Prints a report on a task or bundle, in the format asked for."""
    from massive_kit.submission import rendering

    match form:
        case ReportFormat.text:
            print_text(rendering.text(report, subject))
        case ReportFormat.json:
            emit(rendering.as_json(report, subject))
        case ReportFormat.github:
            emit(rendering.github(report, subject))
