"""Trains and scores the runs of a sweep, one after the other or several at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from massive_kit.errors import MissingExtraError
from massive_kit.runs.evaluating import Display, Evaluator, no_display
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.ray_cluster import ray_cluster
from massive_kit.runs.sweep.grid import Cell, Sweep, data_of
from massive_kit.runs.training import train_run
from massive_kit.scoring.stats_file import SCORES_FILE

if TYPE_CHECKING:
    from massive_kit.engine.observer import TrainingObserver


@dataclass(frozen=True, slots=True)
class SweepDisplay:
    """Who shows how far a sweep is.

    Attributes:
        started: Told of a run, its number from 1, and how many there are.
        training: Shows a training.
        predicting: Shows predictions.
    """

    started: Callable[[Cell, int, int], None]
    training: Callable[[], AbstractContextManager[TrainingObserver | None]]
    predicting: Display


def silent() -> SweepDisplay:
    """Shows nothing."""
    return SweepDisplay(lambda _cell, _number, _all: None, nullcontext, no_display)


def run_sweep(
    sweep: Sweep,
    grid: Sequence[Cell],
    *,
    resamples: int = 1000,
    workers: int = 1,
    display: SweepDisplay | None = None,
) -> None:
    """Trains and scores what is not done yet; killed anywhere, the next call goes on.

    Args:
        sweep: What to run.
        grid: Its runs.
        resamples: Of each score; 0 for no intervals.
        workers: Runs at a time, by Ray; its cluster, where one is joined, or this machine.
        display: Shows how far it is, where runs go one after the other.

    Raises:
        MissingExtraError: Several workers are asked for, and Ray is not installed.
        MassiveKitError: A run cannot go on.
    """
    shown = display or silent()
    if workers > 1:
        _by_ray(sweep, grid, resamples, workers, shown)
        return
    for number, cell in enumerate(grid, 1):
        if not is_scored(cell):
            shown.started(cell, number, len(grid))
            run_cell(sweep, cell, resamples, shown)


def is_scored(cell: Cell) -> bool:
    """Whether a run has been trained and scored."""
    return (cell.scores / SCORES_FILE).is_file() and (
        not cell.trains or RunFolder(cell.run).finished
    )


def run_cell(
    sweep: Sweep, cell: Cell, resamples: int = 1000, display: SweepDisplay | None = None
) -> None:
    """Trains and scores one run, or goes on with it."""
    shown = display or silent()
    task_data = data_of(sweep, cell)
    folder = RunFolder(cell.run)
    if cell.trains:
        with shown.training() as observer:
            train_run(
                cell.recipe,
                task_data,
                folder.path,
                resume=folder.recipe_file.is_file(),
                observer=observer,
            )
    evaluator = Evaluator(
        task_data,
        compat=None,
        resamples=resamples,
        seed=0,
        by=(),
        source=(),
        folder=cell.scores,
        display=shown.predicting,
    )
    evaluator.evaluate((folder.path,), cell.scores)


def _by_ray(
    sweep: Sweep, grid: Sequence[Cell], resamples: int, workers: int, display: SweepDisplay
) -> None:
    try:
        import ray
    except ImportError:
        raise MissingExtraError("search", "a sweep of several workers") from None
    with ray_cluster(workers):
        remote = ray.remote(num_cpus=1, max_retries=0)(run_cell)
        waiting = {
            remote.remote(sweep, cell, resamples): cell for cell in grid if not is_scored(cell)
        }
        done = len(grid) - len(waiting)
        while waiting:
            ended, _ = ray.wait(list(waiting), num_returns=1)
            for task in ended:
                done += 1
                display.started(waiting.pop(task), done, len(grid))
                _result(task)


def _result(task: object) -> None:
    import ray
    from ray.exceptions import RayTaskError

    try:
        ray.get(task)
    except RayTaskError as error:
        # A refusal is told as it is where one machine runs it.
        raise error.cause from None
