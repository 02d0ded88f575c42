"""How commands print: results to stdout, progress and problems to stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from massive_kit.errors import ContentError, MassiveKitError, visible

if TYPE_CHECKING:
    from rich.progress import Progress

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def emit(text: str) -> None:
    """A result that machines read, exactly as it is."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def show_error(error: MassiveKitError, limit: int = 50) -> None:
    """Tells a user's mistake, without a traceback; of many problems the first `limit`."""
    err.print("[bold red]error[/]:", end=" ")
    if not isinstance(error, ContentError):
        err.print(str(error), markup=False, soft_wrap=True)
        return
    err.print(str(error.args[0]), markup=False, soft_wrap=True)
    for problem in error.problems[:limit]:
        err.print(f"  {visible(str(problem))}", markup=False, soft_wrap=True)
    more = error.total - min(len(error.problems), limit)
    if more > 0:
        err.print(f"  ... and {more:,} more", markup=False)


@contextmanager
def progress(description: str, total: float | None = None) -> Iterator[Progress]:
    """A progress bar on stderr; silent where stderr is no terminal. One task is open already."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as bar:
        bar.add_task(description, total=total)
        yield bar
