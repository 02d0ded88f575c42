"""`massive-kit submission check`: whether a bundle is right, predictions included."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import emit
from massive_kit.cli.options import DataName
from massive_kit.cli.validate import ReportFormat


def check(
    bundle: Annotated[Path, typer.Argument(help="Folder or zip made by `submission pack`.")],
    *,
    data: DataName = None,
    form: Annotated[
        ReportFormat, typer.Option("--format", help="For people, machines, or GitHub's checks.")
    ] = ReportFormat.text,
) -> None:
    """Check a bundle; exit code 1 if it is wrong."""
    from massive_kit.submission import rendering
    from massive_kit.submission.bundle import check_bundle

    report = check_bundle(bundle, data)
    show = {
        ReportFormat.text: rendering.text,
        ReportFormat.json: rendering.as_json,
        ReportFormat.github: rendering.github,
    }[form]
    emit(show(report, str(bundle)))
    if not report.valid:
        raise typer.Exit(1)
