"""`massive-kit sweep`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import emit, err
from massive_kit.cli.extras import require_extra
from massive_kit.cli.options import DataName, Overrides, TaskName
from massive_kit.cli.seed_numbers import seed_numbers
from massive_kit.cli.tables import TableFormat, TableFormatOption

if TYPE_CHECKING:
    from massive_kit.runs.sweep.grid import Cell


class LadderMetric(StrEnum):
    """What a ladder shows."""

    intent_accuracy = "intent_accuracy"
    slot_f1 = "slot_f1"
    exact_match = "exact_match"


def sweep(
    recipe: Annotated[str, typer.Argument(help="A recipe by name (see `ls baselines`) or a YAML.")],
    task: TaskName,
    out_: Annotated[
        Path, typer.Option("--out", help="Folder for runs, scores, sweep.csv.", file_okay=False)
    ],
    over: Annotated[
        list[str],
        typer.Option(
            help="KEY=VALUE,VALUE,...: a key of the recipe, or data.per_intent (0, 5, ..., all),"
            " data.locales (joined by +), data.mix (temperature); repeatable."
            " KEY,KEY=VALUE:VALUE,... sets several together."
        ),
    ],
    seeds: Annotated[str, typer.Option(help="Of each point of the grid, such as 0,1,2.")] = "0",
    data: DataName = None,
    override: Overrides = None,
    resamples: Annotated[
        int, typer.Option(min=0, max=1_000_000, help="Of each score; 0: no intervals.")
    ] = 1000,
    workers: Annotated[int, typer.Option(min=1, help="Runs at a time, by Ray.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a stopped sweep.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print which runs there are, and train none.")
    ] = False,
    metric: Annotated[
        list[LadderMetric] | None,
        typer.Option(help="Of the ladders; repeatable. Default: exact_match."),
    ] = None,
    form: TableFormatOption = TableFormat.text,
) -> None:
    """Train and score a grid of runs; data.per_intent makes the few-shot ladder."""
    from dataclasses import replace
    from tempfile import TemporaryDirectory

    from massive_kit.cli.prediction_progress import prediction_bar
    from massive_kit.cli.tables import print_tables
    from massive_kit.cli.training_progress import shown_training
    from massive_kit.data.opening import open_task
    from massive_kit.runs.sweep.axes import parse_axes
    from massive_kit.runs.sweep.grid import Sweep, cells, check_new
    from massive_kit.runs.sweep.results import scored_runs, sweep_tables, write_csv
    from massive_kit.runs.sweep.running import SweepDisplay, is_scored, run_sweep
    from massive_kit.systems.kind import kind_of

    axes = tuple(parse_axes(over))
    numbers = tuple(seed_numbers(seeds))
    if not dry_run:
        check_new(out_, resume=resume)
    laid = open_task(task, data)
    plan = Sweep(recipe, tuple(override or ()), axes, numbers, laid.task, laid.store, out_)
    if dry_run:
        # Rows are drawn to find out whether they can be, and are left nowhere.
        with TemporaryDirectory() as folder:
            for cell in cells(replace(plan, out=Path(folder))):
                emit(cell.name + ("" if cell.trains else f": {cell.run} as it is"))
        return
    grid = cells(plan)
    for extra in sorted({kind_of(cell.recipe).extra or "" for cell in grid} - {""}):
        require_extra(extra, "training")

    def started(cell: Cell, number: int, several: int) -> None:
        err.print(f"{number} of {several}: {cell.name}", markup=False)

    display = SweepDisplay(started, lambda: shown_training(table=False), prediction_bar)
    try:
        run_sweep(plan, grid, resamples=resamples, workers=workers, display=display)
    finally:
        # What is there so far, even where a later run could not go on.
        if any(map(is_scored, grid)):
            write_csv(out_ / "sweep.csv", axes, scored_runs(grid))
    metrics = metric or [LadderMetric.exact_match]
    print_tables(sweep_tables(axes, scored_runs(grid), laid.languages, metrics), form)
    err.print(f"written: {out_ / 'sweep.csv'}", markup=False)
