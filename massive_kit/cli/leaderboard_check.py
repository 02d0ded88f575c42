"""`massive-kit leaderboard check`: whether a results tree is whole, and only grew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import out
from massive_kit.cli.options import Results
from massive_kit.errors import MissingDataError, SubmissionError


def check(
    results: Results = None,
    *,
    base: Annotated[
        str | None,
        typer.Option(help="A git revision; what it holds must be here unchanged."),
    ] = None,
) -> None:
    """Check results: schema, hashes, no language left out, nothing removed or changed."""
    from massive_kit import content
    from massive_kit.publish.results import load_results
    from massive_kit.publish.results_check import check_results

    root: Path = results or content.folder("leaderboard") / "results"
    if results is not None and not root.is_dir():
        raise MissingDataError(f"{root}: no such folder")
    problems = check_results(root, base)
    if problems:
        raise SubmissionError(f"{root} is not as it should be", problems)
    since = f", nothing changed since {base}" if base else ""
    count = len(load_results(root))
    results_are = "1 result is" if count == 1 else f"{count:,} results are"
    out.print(f"{results_are} in order{since}", markup=False, soft_wrap=True)
