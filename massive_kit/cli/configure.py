"""`massive-kit configure`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import out
from massive_kit.cli.extras import require_extra
from massive_kit.cli.options import DataName

if TYPE_CHECKING:
    from massive_kit.runs.folder import RunFolder


def configure(
    run: Annotated[Path, typer.Argument(help="A finished run.", file_okay=False)],
    out_: Annotated[
        Path | None,
        typer.Option("--out", help="The new run directory; --dry-run needs none.", file_okay=False),
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option("--override", "-o", help="Change a key: -o inference.neighbours.weight=dev."),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            "--task", "-t", help="Another task of the same training and dev rows; default: its own."
        ),
    ] = None,
    data: DataName = None,
    train_data: Annotated[
        str | None, typer.Option(help="The store it was trained on, where not found by its name.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the effective recipe and the data, and stop.")
    ] = False,
) -> None:
    """Give a finished run other settings of inference, or another task, without training.

    What comes of it is a new run.
    """
    from massive_kit.cli.prediction_progress import prediction_bar
    from massive_kit.cli.train import print_plan
    from massive_kit.errors import UsageError
    from massive_kit.runs.configuring import Configuration
    from massive_kit.systems.kind import kind_of

    if out_ is None and not dry_run:
        raise UsageError("configure needs --out, the new run directory")
    configuration = Configuration.of(
        run, override or [], task=task, data=data, train_data=train_data
    )
    if dry_run or out_ is None:
        print_plan(configuration.recipe.model_dump(mode="json"), configuration.task_data)
        return
    require_extra(kind_of(configuration.recipe).extra, "configuring")
    with prediction_bar("configuring", 0, "texts") as bar:
        made = configuration.write(out_, bar)
    facts = made.facts()
    out.print(
        f"{made.path}: {facts['title']}, {facts['seconds']:.0f} s{_weighed(made)}", soft_wrap=True
    )


def _weighed(run: RunFolder) -> str:
    """What neighbours are worth on the dev set, where there are any."""
    from massive_kit.cli.training_progress import shown_score

    facts = run.facts()
    neighbours = facts.get("neighbours")
    if neighbours is None:
        return ""
    metric, weight = facts["recipe"]["training"]["metric"], neighbours["weight"]
    dev = {float(tried): scores[metric] for tried, scores in neighbours["dev"].items()}
    scores = f"dev {metric} {shown_score(metric, dev[weight])}"
    return f", neighbours weigh {weight}, {scores} ({shown_score(metric, dev[0.0])} without)"
