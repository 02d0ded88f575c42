"""`massive-kit average`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import err, out
from massive_kit.cli.extras import require_extra


def average(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Finished runs, two or more.")
    ],
    out_: Annotated[Path, typer.Option("--out", help="The new run directory.", file_okay=False)],
) -> None:
    """Average the weights of several runs into one, which counts as one system."""
    require_extra("train", "averaging")
    from massive_kit.runs.averaging import average_runs, start_apart, weight_of_the_parents

    run = average_runs(runs, out_)
    if start_apart(runs):
        err.print(
            "warning: the models start from random weights of different seeds, whose mean is of no"
            " use; average runs of one pre-trained base"
        )
    if (weight := weight_of_the_parents(run)) is not None:
        err.print(
            f"warning: the weight {weight} of the neighbours was chosen for each run and not for"
            f" their mean; `massive-kit configure {run.path} --out NEW"
            " -o inference.neighbours.weight=dev` chooses it anew"
        )
    facts = run.facts()
    out.print(f"{run.path}: {facts['title']}, {facts['seconds']:.0f} s of training", soft_wrap=True)
