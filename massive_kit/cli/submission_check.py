"""`massive-kit submission check`: whether a bundle is right, predictions included."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.options import DataName
from massive_kit.cli.reports import ReportFormat, ReportFormatOption, print_report


def check(
    bundle: Annotated[Path, typer.Argument(help="Folder, zip or tar of `submission pack`.")],
    *,
    data: DataName = None,
    form: ReportFormatOption = ReportFormat.text,
) -> None:
    """Check a bundle; exit code 1 if it is wrong."""
    from massive_kit.submission.bundle import check_bundle

    report = check_bundle(bundle, data)
    print_report(report, str(bundle), form)
    if not report.valid:
        raise typer.Exit(1)
