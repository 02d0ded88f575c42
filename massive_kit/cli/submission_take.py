"""`massive-kit submission take`: the submissions of a pull request, taken out of git as data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import emit


def take(
    base: Annotated[str, typer.Argument(help="The revision that the pull request goes to.")],
    head: Annotated[str, typer.Argument(help="The revision that it brings.")],
    *,
    target: Annotated[Path, typer.Option("--out", help="Folder for the submissions.")],
    repository: Annotated[Path, typer.Option(help="The git repository.")] = Path(),
) -> None:
    """Write the submissions that a pull request adds, without checking it out."""
    from massive_kit.submission.pull_request import take as take_out

    for folder in take_out(repository, base, head, target):
        emit(str(folder))
