"""`massive-kit validate`: every mistake in a prediction file, at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import emit, print_text
from massive_kit.cli.options import DataName
from massive_kit.cli.reports import ReportFormat, ReportFormatOption, print_report
from massive_kit.errors import UsageError


def validate(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help=".jsonl, .jsonl.gz, .zip or .tar.gz; one file or one per locale; or a folder."
        ),
    ] = None,
    *,
    task: Annotated[
        str | None, typer.Option("--task", "-t", help="A task by name or a task YAML.")
    ] = None,
    data: DataName = None,
    form: ReportFormatOption = ReportFormat.text,
    shown: Annotated[
        int, typer.Option("--show", min=1, help="How many of each kind to list; all are counted.")
    ] = 10,
    rules: Annotated[bool, typer.Option("--rules", help="List the rules and exit.")] = False,
) -> None:
    """Check predictions for a task, without labels; exit code 1 if they are invalid."""
    if rules:
        _print_rules(form)
        return
    if not files or task is None:
        raise UsageError("validate needs a FILE and --task; `massive-kit ls tasks` lists the tasks")
    from massive_kit.schema.task import load_task
    from massive_kit.submission.index import TaskIndex
    from massive_kit.submission.reading import read_predictions

    index = TaskIndex.at_hand(load_task(task), data)
    report = read_predictions(files, index, allow_errors=True, shown=shown).report
    print_report(report, index.task, form)
    if not report.valid:
        raise typer.Exit(1)


def _print_rules(form: ReportFormat) -> None:
    from massive_kit.submission import rendering

    if form is ReportFormat.json:
        emit(rendering.rules_json())
    else:
        print_text(rendering.rules_text())
