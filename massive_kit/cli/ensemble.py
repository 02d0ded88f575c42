"""`massive-kit ensemble`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import out
from massive_kit.cli.extras import require_extra


def ensemble(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Finished runs, two or more.")
    ],
    out_: Annotated[Path, typer.Option("--out", help="The new run directory.", file_okay=False)],
) -> None:
    """Put several runs together into one that predicts by the mean of what they say.

    It counts as one system, which takes the time and the memory of all of them. What it says can
    be distilled into one model: name it as the teacher.
    """
    require_extra("train", "putting runs together")
    from massive_kit.runs.ensembling import ensemble_runs

    run = ensemble_runs(runs, out_)
    facts = run.facts()
    out.print(f"{run.path}: {facts['title']}, {facts['seconds']:.0f} s of training", soft_wrap=True)
