"""What `eval` does for each system: predict if it is a run, score, keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from massive_kit.cli.console import err, progress
from massive_kit.errors import UsageError

if TYPE_CHECKING:
    from massive_kit.data.task_data import TaskData
    from massive_kit.scoring.evaluation import Evaluation

RUN_FILE = "run.json"


@dataclass(frozen=True, slots=True)
class Evaluator:
    """The options of `eval` that hold for every system."""

    task_data: TaskData
    compat: Literal["alexa"] | None
    resamples: int
    seed: int
    by: tuple[str, ...]
    source: tuple[Path, ...]
    folder: Path | None

    def systems(self, paths: Sequence[Path], *, seeds: bool) -> list[tuple[Path, ...]]:
        """The paths of each system: several runs are seeds of one recipe, several files one system.

        Raises:
            UsageError: Runs and files are mixed, or the runs are of several recipes.
        """
        runs = [path for path in paths if (path / RUN_FILE).is_file()]
        if runs and len(runs) < len(paths):
            raise UsageError("give runs or prediction files, not both")
        if len(runs) > 1:
            _same_recipe(runs)
        found: list[tuple[Path, ...]] = [tuple(paths)]
        if runs or seeds:
            found = [(path,) for path in paths]
        if self.source and len(found) > 1:
            raise UsageError("--source holds predictions of one system; evaluate seeds one by one")
        return found

    def folders(self, systems: Sequence[tuple[Path, ...]]) -> list[Path | None]:
        """Where each system's result is kept: `--out` itself, or a folder a seed in it."""
        if self.folder is None or len(systems) == 1:
            return [self.folder] * len(systems)
        return [self.folder / str(number) for number in range(1, len(systems) + 1)]

    def evaluate(self, system: tuple[Path, ...], folder: Path | None) -> Evaluation:
        """Scores one system, and keeps the result in a folder."""
        from massive_kit.scoring.prediction_files import evaluate_files, source_task

        source = self.source
        if (system[0] / RUN_FILE).is_file():
            run = system[0]
            origin = self.task_data.task.source_locale
            if origin and origin not in self.task_data.test.locales and not source:
                try:
                    own = source_task(self.task_data)
                except UsageError:
                    own = None
                source = (_predict(run, own),) if own else ()
            system = (_predict(run, self.task_data),)
        found = evaluate_files(
            system,
            self.task_data,
            compat=self.compat,
            resamples=self.resamples,
            seed=self.seed,
            by=self.by,
            source=source,
        )
        for warning in found.warnings:
            err.print(f"warning: {warning}", markup=False, soft_wrap=True)
        if folder:
            found.evaluation.save(folder)
        return found.evaluation


def _predict(run: Path, task_data: TaskData) -> Path:
    from massive_kit.runs.predicting import predict_task

    test = task_data.test
    what = test.locales[0] if len(test.locales) == 1 else task_data.task.name
    path = run / "predictions" / f"{what}-{task_data.store.name}-{test.partition}.jsonl.gz"
    with progress(f"predicting {what}", test.rows) as bar:
        task = bar.task_ids[0]
        predict_task(run, task_data, path, lambda _, rows: bar.advance(task, rows))
    return path


def _same_recipe(runs: Sequence[Path]) -> None:
    recipes = [_without_seed(run) for run in runs]
    for run, recipe in zip(runs[1:], recipes[1:], strict=True):
        other = [key for key in {*recipe, *recipes[0]} if recipe.get(key) != recipes[0].get(key)]
        if other:
            raise UsageError(
                f"{run} is no other seed of {runs[0]}: their recipes differ in"
                f" {', '.join(sorted(other))}; evaluate them one by one and use `compare`"
            )


def _without_seed(run: Path) -> dict[str, Any]:
    from massive_kit.schema.config import read_yaml

    recipe = read_yaml(run / "recipe.yaml") if (run / "recipe.yaml").is_file() else {}
    training = recipe.get("training")
    if isinstance(training, dict):
        recipe["training"] = {key: value for key, value in training.items() if key != "seed"}
    return recipe
