"""`massive-kit export evalai`: the board as a challenge on EvalAI."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import out
from massive_kit.cli.options import DataName, OutOption, folder_written_to

_TIME = "YYYY-MM-DD HH:MM:SS in UTC."


def evalai(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="Folder for the challenge.", file_okay=False),
    ] = None,
    *,
    tasks: Annotated[
        list[str] | None, typer.Option("--task", "-t", help="The task of a phase; may be repeated.")
    ] = None,
    data: DataName = None,
    start: Annotated[str, typer.Option(help=f"When it opens, {_TIME}")] = "2026-01-01 00:00:00",
    end: Annotated[str, typer.Option(help=f"When it closes, {_TIME}")] = "2099-12-31 23:59:59",
    out_: OutOption = None,
) -> None:
    """Write a challenge bundle for EvalAI, with the gold labels that the platform keeps private."""
    from datetime import datetime

    from massive_kit.data.opening import open_task
    from massive_kit.errors import UsageError
    from massive_kit.exports.evalai_challenge import write_challenge
    from massive_kit.files.atomic import refuse_foreign

    folder = folder_written_to(path, out_)
    refuse_foreign(folder, "challenge_config.yaml")
    for moment in (start, end):
        try:
            datetime.strptime(moment, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - only its form is checked
        except ValueError:
            raise UsageError(f"{moment!r} is not a time like 2026-01-31 00:00:00") from None
    chosen = [open_task(name, data) for name in tasks or ("massive-full", "massive-zeroshot")]
    write_challenge(folder, chosen, start=start, end=end)
    phases = ", ".join(task_data.task.name for task_data in chosen)
    out.print(f"{phases} -> {folder} (zip it and upload; it holds gold labels)", markup=False)
