"""Hyper-parameter search on Ray Tune: TPE through Optuna, weak trials stopped by ASHA."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from massive_kit.data.opening import open_task
from massive_kit.engine.evaluation import DevReport
from massive_kit.engine.observer import SilentObserver
from massive_kit.errors import ConfigError, MissingExtraError, Problem, TrainingError
from massive_kit.files.atomic import atomic_file
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.ray_cluster import ray_cluster
from massive_kit.runs.training import train_run
from massive_kit.schema.config import merge
from massive_kit.schema.metrics import METRIC_INFO
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.space import Domain, Space
from massive_kit.systems.recipes import changed
from massive_kit.systems.trained_recipe import TrainedRecipe

_STATE = "ray"


@dataclass(frozen=True, slots=True)
class Search:
    """What to search and with how much.

    Attributes:
        recipe: The recipe that trials change.
        space: What they change.
        task: A task by name or file.
        data: A store by name or path, or `None` for the task's default.
        out: Folder for `best.yaml`, `trials.csv` and the trials' runs.
        workers: Trials at a time.
        gpus: GPUs per trial; may be a fraction.
        seed: Of the sampler.
    """

    recipe: TrainedRecipe
    space: Space
    task: str
    data: str | None
    out: Path
    workers: int = 1
    gpus: float = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best trial.

    Attributes:
        recipe: Its recipe, also in `best.yaml`.
        value: Its dev score.
        trials: How many trials there were.
    """

    recipe: Recipe
    value: float
    trials: int


def search(what: Search, *, resume: bool = False) -> SearchResult:
    """Runs a search, or goes on with one that was stopped.

    Raises:
        MissingExtraError: Ray or Optuna is not installed.
        ConfigError: The space does not fit the recipe, or the recipe learns no labels.
        TrainingError: No trial came to an evaluation.
    """
    try:
        from ray import tune
        from ray.tune.schedulers import ASHAScheduler
        from ray.tune.search.optuna import OptunaSearch
    except ImportError:
        raise MissingExtraError("search", "a search") from None
    # Told before anything starts.
    if not what.recipe.uses_labels:
        problem = Problem("recipe", f"kind is {what.recipe.kind}", "a recipe that learns labels")
        raise ConfigError("a search goes by scores of the dev set", [problem])
    trial_recipe(what.recipe, {key: domain.first for key, domain in what.space.vary.items()})
    metric = what.recipe.training.metric
    mode = "max" if METRIC_INFO[metric].higher_is_better else "min"
    trainable = tune.with_resources(
        tune.with_parameters(_trial, what=what), {"cpu": 1, "gpu": what.gpus}
    )
    with ray_cluster(what.workers):
        state = what.out.resolve() / _STATE
        if resume and tune.Tuner.can_restore(str(state)):
            tuner = tune.Tuner.restore(
                str(state), trainable, resume_unfinished=True, restart_errored=True
            )
        else:
            tuner = tune.Tuner(
                trainable,
                tune_config=tune.TuneConfig(
                    num_samples=what.space.trials,
                    max_concurrent_trials=what.workers,
                    search_alg=OptunaSearch(
                        {key: _domain(domain) for key, domain in what.space.vary.items()},
                        metric=metric,
                        mode=mode,
                        seed=what.seed,
                    ),
                    scheduler=ASHAScheduler(
                        metric=metric,
                        mode=mode,
                        max_t=what.recipe.training.evaluations,
                        grace_period=min(what.space.grace, what.recipe.training.evaluations),
                        reduction_factor=what.space.reduce,
                    ),
                ),
                run_config=tune.RunConfig(
                    name=_STATE, storage_path=str(what.out.resolve()), verbose=0
                ),
            )
        return _finish(what, tuner.fit())


def trial_recipe(recipe: TrainedRecipe, chosen: Mapping[str, Any]) -> TrainedRecipe:
    """The recipe with the chosen values in it.

    Raises:
        ConfigError: A key or a value does not fit.
    """
    values: dict[str, Any] = {}
    for key, value in chosen.items():
        nested: Any = value
        for part in reversed(key.split(".")):
            nested = {part: nested}
        values = merge(values, nested)
    trial = changed(recipe, values, "the search space on this recipe")
    assert isinstance(trial, TrainedRecipe)
    return trial


class _Reporter(SilentObserver):
    """Hands each evaluation to Ray, which may end the trial there."""

    def evaluated(self, report: DevReport, *, metric: str, epoch: float, best: bool) -> None:
        """Hands over the numbers of the whole dev set."""
        del best, metric
        from ray import tune

        tune.report({**report.values, "epoch": epoch})


def _trial(config: dict[str, Any], what: Search) -> None:
    from ray import tune

    folder = what.out.resolve() / "trials" / str(tune.get_context().get_trial_id())
    recipe = trial_recipe(what.recipe, config)
    # A worker of an earlier call may have left a part of the run.
    resume = RunFolder(folder).recipe_file.is_file()
    train_run(recipe, open_task(what.task, what.data), folder, resume, _Reporter())


def _domain(domain: Domain) -> Any:
    from optuna import distributions

    if domain.choice is not None:
        # Optuna takes plain values only; a list travels as text.
        return distributions.CategoricalDistribution(domain.choice)
    assert domain.low is not None
    assert domain.high is not None
    if domain.whole:
        step = int(domain.step or 1)
        return distributions.IntDistribution(int(domain.low), int(domain.high), step=step)
    return distributions.FloatDistribution(
        domain.low, domain.high, log=domain.log, step=domain.step
    )


def _finish(what: Search, results: Any) -> SearchResult:
    metric = what.recipe.training.metric
    rows = []
    for result in results:
        frame = result.metrics_dataframe
        if frame is not None and metric in frame:
            best = float(frame[metric].max())
            trial = str(frame["trial_id"].iloc[0])
            rows.append((best, trial, len(frame), dict(result.config)))
    if not rows:
        errors = [str(error).strip().splitlines()[-1] for error in results.errors]
        raise TrainingError(
            f"no trial came to an evaluation: {errors[0] if errors else 'none ran'}"
        )
    rows.sort(key=lambda row: (-row[0], row[1]))
    keys = list(what.space.vary)
    with (what.out / "trials.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([metric, "trial", "evaluations", *keys])
        writer.writerows([*row[:3], *(row[3][key] for key in keys)] for row in rows)
    recipe = trial_recipe(what.recipe, rows[0][3])
    with atomic_file(what.out / "best.yaml") as stream:
        text = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
        stream.write(text.encode())
    return SearchResult(recipe, rows[0][0], len(rows))
