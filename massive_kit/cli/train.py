"""`massive-kit train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import emit, err, out
from massive_kit.cli.extras import require_extra
from massive_kit.cli.options import DataName, Overrides, TaskName
from massive_kit.cli.seed_numbers import seed_numbers
from massive_kit.counted import counted

if TYPE_CHECKING:
    from massive_kit.data.task_data import TaskData
    from massive_kit.schema.recipe import Recipe


def train(
    recipe: Annotated[str, typer.Argument(help="A recipe by name (see `ls baselines`) or a YAML.")],
    task: TaskName,
    out_: Annotated[
        Path | None,
        typer.Option("--out", help="The run directory; --dry-run needs none.", file_okay=False),
    ] = None,
    data: DataName = None,
    train_data: Annotated[
        str | None,
        typer.Option(help="The store to train on, where it is not the one of --data."),
    ] = None,
    override: Overrides = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a stopped run.")] = False,
    seeds: Annotated[
        str | None, typer.Option(help="Several runs, such as 0,1,2, in OUT/seed-0, ...")
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Print the effective recipe, the data, what it will need, and stop."
        ),
    ] = False,
    peak: Annotated[
        float,
        typer.Option(
            min=0.001, help="With --dry-run: TFLOPS of the device whose hours are told. [H100: 989]"
        ),
    ] = 989.0,
    share: Annotated[
        float, typer.Option(min=0.001, max=1, help="With --dry-run: the share of them in use.")
    ] = 0.4,
    table: Annotated[
        bool, typer.Option("--table", help="Show every locale at each evaluation.")
    ] = False,
) -> None:
    """Fine-tune a baseline."""
    from massive_kit.cli.training_progress import shown_score, shown_training
    from massive_kit.data.opening import open_task
    from massive_kit.errors import UsageError
    from massive_kit.runs.training import check_training, train_run, training_data
    from massive_kit.systems.kind import kind_of
    from massive_kit.systems.recipes import load_recipe, with_seed

    if out_ is None and not dry_run:
        raise UsageError("train needs --out, the run directory")
    loaded = load_recipe(recipe, override or [])
    numbers = [] if seeds is None else seed_numbers(seeds)
    task_data = training_data(loaded, open_task(task, data, train_data))
    check_training(loaded, task_data)
    if dry_run or out_ is None:
        print_plan(loaded.model_dump(mode="json"), task_data)
        print_requirements(loaded, task_data, peak, share)
        return
    require_extra(kind_of(loaded).extra, "training")

    several: list[int | None] = [*numbers] or [None]
    for seed in several:
        path = out_ if seed is None else out_ / f"seed-{seed}"
        seeded = loaded if seed is None else with_seed(loaded, seed)
        if numbers:
            err.print(f"seed {seed}")
        with shown_training(table=table) as display:
            run = train_run(seeded, task_data, path, resume=resume, observer=display)
        if run.finished:
            facts = run.facts()
            best = facts.get("best")
            score = ""
            if best:
                value = shown_score(best["metric"], best["value"])
                score = f", best dev {best['metric']} {value}"
            out.print(
                f"{run.path}: {facts['title']}, {facts['seconds']:.0f} s{score}", soft_wrap=True
            )


def print_requirements(recipe: Recipe, task_data: TaskData, peak: float, share: float) -> None:
    """Prints what training will need, or what is missing here to tell.

    Raises:
        MassiveKitError: Training would fail the same way: the recipe does not fit its base, asks
            for too much, reports to what is not installed, or there is nothing to learn from.
    """
    from massive_kit.cli.requirements_lines import requirements_lines, teacher_line
    from massive_kit.errors import MissingExtraError, MissingModelError
    from massive_kit.runs.estimating import training_needs
    from massive_kit.systems.kind import kind_of
    from massive_kit.systems.trained_recipe import TrainedRecipe

    if not isinstance(recipe, TrainedRecipe):
        return
    try:
        require_extra(kind_of(recipe).extra, "training")
        with err.status("tokenising the rows and reading one batch"):
            needed = training_needs(recipe, task_data)
    except (MissingExtraError, MissingModelError) as error:
        emit(f"# needs: not known here: {error.args[0]}")
        return
    if needed is not None:
        for line in requirements_lines(needed.requirements, peak=peak * 1e12, share=share):
            emit(f"# {line}")
        for teacher in needed.teachers:
            emit(f"# {teacher_line(teacher)}")


def print_plan(recipe: dict[str, object], task_data: object) -> None:
    """Prints an effective recipe, and the rows that it trains, selects and is scored on."""
    import yaml

    from massive_kit.data.task_data import TaskData

    assert isinstance(task_data, TaskData)
    emit(yaml.safe_dump(recipe, sort_keys=False, allow_unicode=True))
    for name, split in (
        ("train", task_data.train),
        ("dev", task_data.dev),
        ("test", task_data.test),
    ):
        rows, locales = counted(split.rows, "row"), counted(len(split.locales), "locale")
        emit(f"# {name}: {rows} of {split.partition} in {locales}")
