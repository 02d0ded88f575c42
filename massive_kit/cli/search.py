"""`massive-kit search`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import out
from massive_kit.cli.extras import require_extra
from massive_kit.cli.options import DataName, Overrides, TaskName
from massive_kit.errors import UsageError


def search(
    recipe: Annotated[str, typer.Argument(help="A recipe by name (see `ls baselines`) or a YAML.")],
    task: TaskName,
    out_: Annotated[Path, typer.Option("--out", help="Folder for trials.", file_okay=False)],
    space: Annotated[
        str | None, typer.Option(help="A search space YAML; default: the one for this recipe.")
    ] = None,
    data: DataName = None,
    override: Overrides = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Number of trials.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Trials at a time.")] = 1,
    gpus: Annotated[float, typer.Option(min=0, help="GPUs per trial.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of the sampler.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a stopped search.")] = False,
) -> None:
    """Search hyper-parameters with Ray Tune."""
    from massive_kit.data.opening import open_task
    from massive_kit.schema.space import load_space
    from massive_kit.systems.recipes import load_recipe
    from massive_kit.systems.trained_recipe import TrainedRecipe

    loaded = load_recipe(recipe, override or [])
    if not isinstance(loaded, TrainedRecipe):
        raise UsageError(f"a recipe of kind {loaded.kind} has nothing to search")
    chosen_space = load_space(space or recipe)
    if trials is not None:
        chosen_space = chosen_space.model_copy(update={"trials": trials})
    if (out_ / "ray").exists() and not resume:
        raise UsageError(f"{out_} holds a search; add --resume to go on with it")
    # Told here, not by every trial.
    open_task(task, data)
    require_extra("search", "a search")
    from massive_kit.runs.search import Search, search

    best = search(
        Search(loaded, chosen_space, task, data, out_, workers=workers, gpus=gpus, seed=seed),
        resume=resume,
    )
    metric = loaded.training.metric
    out.print(f"best of {best.trials} trials: {metric} {best.value:.1%} -> {out_ / 'best.yaml'}")
