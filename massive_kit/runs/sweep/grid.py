"""The runs of a sweep, told apart before the first of them starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from massive_kit.data.store import Store
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, ContentError, Problem, UsageError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import parents
from massive_kit.runs.resuming import RunPlan, nothing_left_to_do
from massive_kit.runs.sweep.axes import Axis, Point, points
from massive_kit.runs.sweep.data_keys import DataPoint, laid
from massive_kit.runs.training import check_training, data_facts, training_data
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import Task
from massive_kit.systems.recipes import load_recipe, with_seed


@dataclass(frozen=True, slots=True)
class Sweep:
    """What to run.

    Attributes:
        recipe: A recipe by name or file.
        overrides: What is changed of it in every run.
        axes: What differs from run to run.
        seeds: The seeds of each point.
        task: The task.
        store: Its data.
        out: The folder of runs, scores and drawn stores.
    """

    recipe: str
    overrides: tuple[str, ...]
    axes: tuple[Axis, ...]
    seeds: tuple[int, ...]
    task: Task
    store: Store
    out: Path


@dataclass(frozen=True, slots=True)
class Cell:
    """One run of a sweep.

    Attributes:
        point: Where it stands in the grid.
        seed: Of its training, and of the draw of its rows.
        recipe: What is trained.
        data: How its training rows differ from the task's.
        run: Its folder; of a point that trains on nothing, its base.
        trains: Whether there is anything to train.
        scores: Where its scores are kept.
    """

    point: Point
    seed: int
    recipe: Recipe
    data: DataPoint
    run: Path
    trains: bool
    scores: Path

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.point.name}, seed {self.seed}" if self.trains else self.point.name


def cells(sweep: Sweep) -> list[Cell]:
    """All runs of a sweep, each checked as `train` would.

    A point that leaves no row to train on is its base, if that is a run, once for all seeds; so is
    a point without rows beside the source's where the recipe goes on from all that a run knows.

    Raises:
        ConfigError: Some cannot be run; every reason is told once.
        UsageError: A value of the data does not fit.
    """
    grid: list[Cell] = []
    problems: dict[Problem, None] = {}
    misused: dict[str, None] = {}
    for point in points(sweep.axes):
        for seed in sweep.seeds:
            try:
                data = DataPoint.of(point.data, seed)
                loaded = load_recipe(sweep.recipe, [*sweep.overrides, *point.overrides])
                cell = _cell(sweep, point, with_seed(loaded, seed), data)
            except ContentError as error:
                problems |= dict.fromkeys(error.problems or [Problem(point.name, str(error))])
                continue
            except UsageError as error:
                misused[str(error)] = None
                continue
            grid.append(cell)
            if not cell.trains:
                break
    if misused:
        raise UsageError("; ".join(misused))
    if problems:
        raise ConfigError("some runs of the grid cannot be started", list(problems))
    return grid


def data_of(sweep: Sweep, cell: Cell) -> TaskData:
    """What a run trains on, selects on and is scored on; drawn where it is not there yet."""
    return laid(sweep.task, sweep.store, cell.data, sweep.out / "data")


def _cell(sweep: Sweep, point: Point, recipe: Recipe, data: DataPoint) -> Cell:
    task_data = laid(sweep.task, sweep.store, data, sweep.out / "data")
    scores = sweep.out / "scores" / point.name
    # Without a row of another language, what goes on from a run is that run.
    as_it_is = data.per_intent == 0 and recipe.goes_on()
    if task_data.train.locales and not as_it_is:
        read = training_data(recipe, task_data)
        check_training(recipe, read)
        folder = Path(point.name) / f"seed-{data.seed}"
        run = sweep.out / "runs" / folder
        if RunFolder(run).recipe_file.is_file():
            # One that stands there already has to be this one.
            plan = RunPlan(RunFolder(run), recipe, read.task, data_facts(read, recipe))
            nothing_left_to_do(plan, resume=True)
        return Cell(point, data.seed, recipe, data, run, True, sweep.out / "scores" / folder)
    for base in parents(recipe, "model.base"):
        if base.finished:
            return Cell(point, data.seed, recipe, data, base.path, False, scores)
    problem = Problem(
        point.name,
        "no row is left to train on",
        "the source locale among those trained on, or a run as model.base, scored as it is",
    )
    raise ConfigError("nothing to train", [problem])


def check_new(out: Path, *, resume: bool) -> None:
    """A folder that holds a sweep is gone on with, or left alone.

    Raises:
        ConfigError: It holds one, and nobody said that it should go on.
    """
    if any((out / part).exists() for part in ("runs", "scores")) and not resume:
        problem = Problem(str(out), "holds a sweep", "a new folder", "--resume to go on with it")
        raise ConfigError("the folder is taken", [problem])
