"""What `eval` does for each system: predict if it is a run, score, keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from massive_kit.data.annotated import check_annotated
from massive_kit.errors import Problem, UsageError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import check_run, resources_beside_labels

if TYPE_CHECKING:
    from massive_kit.data.task_data import TaskData
    from massive_kit.runs.predicting import PredictedFile, RowsDone
    from massive_kit.scoring.prediction_files import FileEvaluation

# Opens a display for predictions of so many rows, described in a few words.
Display = Callable[[str, int], "AbstractContextManager[RowsDone | None]"]


def no_display(description: str, rows: int) -> AbstractContextManager[None]:
    """Shows nothing."""
    del description, rows
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Evaluator:
    """The options of `eval` that hold for every system.

    Attributes:
        task_data: What is scored.
        compat: Whose labels count as gold.
        resamples: Bootstrap resamples; 0 for no intervals.
        seed: Of the resampling.
        by: Columns of the language table to group by.
        source: Prediction files for the source locale, of the one system.
        folder: Where results are kept, or `None`.
        display: Shows how far predicting is.
        again: Whether a run predicts anew what it has kept.
    """

    task_data: TaskData
    compat: Literal["alexa"] | None
    resamples: int
    seed: int
    by: tuple[str, ...]
    source: tuple[Path, ...]
    folder: Path | None
    display: Display = no_display
    again: bool = False

    def systems(self, paths: Sequence[Path], *, seeds: bool) -> list[tuple[Path, ...]]:
        """The paths of each system: several runs are seeds of one recipe, several files one system.

        Raises:
            UsageError: Runs and files are mixed, or the runs are of several recipes.
        """
        runs = [path for path in paths if RunFolder.is_run(path)]
        if runs and len(runs) < len(paths):
            raise UsageError("give runs or prediction files, not both")
        if len(runs) > 1:
            _same_recipe(runs)
        systems: list[tuple[Path, ...]] = [tuple(paths)]
        if runs or seeds:
            systems = [(path,) for path in paths]
        if self.source and len(systems) > 1:
            raise UsageError("--source takes predictions of one system; evaluate each seed alone")
        return systems

    def folders(self, systems: Sequence[tuple[Path, ...]]) -> list[Path | None]:
        """Where each system's result is kept: `--out` itself, or one folder per seed in it."""
        if self.folder is None or len(systems) == 1:
            return [self.folder] * len(systems)
        return [self.folder / str(number) for number in range(1, len(systems) + 1)]

    def evaluate(self, system: tuple[Path, ...], folder: Path | None) -> FileEvaluation:
        """Scores one system, and keeps the result in a folder."""
        from massive_kit.scoring.prediction_files import FileEvaluation, evaluate_files

        source, resources = self.source, None
        warnings: tuple[Problem, ...] = ()
        notes: tuple[str, ...] = ()
        if RunFolder.is_run(system[0]):
            run = RunFolder(system[0])
            check_run(run, self.task_data)
            # Before minutes of predicting.
            check_annotated(self.task_data.test)
            source = source or self._predicted_source(run)
            predicted = self._predicted(run)
            system = (predicted.path,)
            warnings = (*_merging(run, self.task_data), *_unread(predicted))
            notes = _as_kept(run, predicted)
            resources = resources_beside_labels(run)
        result = evaluate_files(
            system,
            self.task_data,
            compat=self.compat,
            resamples=self.resamples,
            seed=self.seed,
            by=self.by,
            source=source,
        )
        scored_on = result.evaluation.scored_on.model_copy(update={"resources": resources})
        evaluation = replace(result.evaluation, scored_on=scored_on)
        if folder:
            evaluation.save(folder)
        return FileEvaluation(evaluation, (*warnings, *result.warnings), notes)

    def _predicted(self, run: RunFolder) -> PredictedFile:
        path = run.predictions(self.task_data)
        return self._predict(run, self.task_data, path, f"predicting {self.task_data.task.name}")

    def _predicted_source(self, run: RunFolder) -> tuple[Path, ...]:
        """Predictions in the task's source locale, where it is not one of the test locales."""
        from massive_kit.scoring.prediction_files import source_task

        locale = self.task_data.task.source_locale
        if locale is None or locale in self.task_data.test.locales:
            return ()
        try:
            source = source_task(self.task_data)
        except UsageError:
            return ()
        path = run.source_predictions(self.task_data)
        self._predict(run, source, path, f"predicting {locale}")
        return (path,)

    def _predict(
        self, run: RunFolder, task_data: TaskData, path: Path, description: str
    ) -> PredictedFile:
        from massive_kit.runs.kept_predictions import kept_predictions, note_predictions
        from massive_kit.runs.predicting import predict_task

        kept = None if self.again else kept_predictions(run, path, task_data)
        if kept is not None:
            return kept
        with self.display(description, task_data.test.rows) as rows_done:
            predicted = predict_task(run.path, task_data, path, rows_done)
        if predicted.rows:
            note_predictions(predicted)
        return predicted


def _as_kept(run: RunFolder, predicted: PredictedFile) -> tuple[str, ...]:
    """A sentence on predictions that were there."""
    if predicted.kept is None:
        return ()
    took = f"on {predicted.kept} in {predicted.seconds:.1f} s"
    return (f"scored what {run.path} predicted {took} ({predicted.path}); --again predicts anew",)


def _merging(run: RunFolder, task_data: TaskData) -> Iterator[Problem]:
    """A run that cannot say what the task counts, such as one of an earlier version."""
    from massive_kit.data.inventory import read_inventory

    if task_data.store.inventory.scheme == "runs" or not (run.model / "inventory.json").is_file():
        return
    if read_inventory(run.model).scheme == "brackets":
        return
    yield Problem(
        str(run.path),
        "it was trained under the span scheme runs, so that slots of one name that touch come out"
        " as one",
        f"brackets, as {task_data.store.name}",
        "train it again",
        severity="warning",
    )


def _unread(predicted: PredictedFile) -> Iterator[Problem]:
    """Answers that stand in for what a model wrote and nobody could read."""
    if predicted.failed:
        parts = predicted.counts.items()
        locales = ", ".join(f"{locale} {part.failed:,}" for locale, part in parts if part.failed)
        yield Problem(
            str(predicted.path),
            f"{predicted.failed:,} of {predicted.rows:,} answers could not be read, and other"
            f" labels stand in for them: {locales}",
            severity="warning",
        )


def _same_recipe(runs: Sequence[Path]) -> None:
    recipes = [_without_seed(run) for run in runs]
    for run, recipe in zip(runs[1:], recipes[1:], strict=True):
        other = [key for key in {*recipe, *recipes[0]} if recipe.get(key) != recipes[0].get(key)]
        if other:
            raise UsageError(
                f"{run} is not another seed of {runs[0]}: their recipes differ in"
                f" {', '.join(sorted(other))}; evaluate each alone and use `compare`"
            )


def _without_seed(run: Path) -> dict[str, Any]:
    from massive_kit.schema.config import read_yaml
    from massive_kit.systems.recipes import without_seed

    path = RunFolder(run).recipe_file
    return without_seed(read_yaml(path) if path.is_file() else {})
