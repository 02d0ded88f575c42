"""`massive-kit eval RUN --perturb`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from massive_kit.cli.console import err
from massive_kit.cli.prediction_progress import prediction_bar
from massive_kit.cli.tables import TableFormat, print_tables

if TYPE_CHECKING:
    from massive_kit.data.task_data import TaskData

PerturbOption = Annotated[
    Literal["inflect", "noise"] | None,
    typer.Option(help="Of a run: how often answers change with another form, or a slip."),
]
MorphologyOption = Annotated[
    list[str] | None,
    typer.Option(help="UniMorph tables for --perturb inflect: a file, folder or LOCALE=FILE."),
]


def print_perturbed(
    paths: Sequence[Path],
    task_data: TaskData,
    perturbation: Literal["inflect", "noise"] | None,
    morphology: Sequence[str],
    *,
    without: Sequence[str],
    resamples: int,
    seed: int,
    folder: Path | None,
    form: TableFormat,
) -> None:
    """Prints how often a run's answers change where utterances change a little.

    Raises:
        UsageError: Options do not go together, `paths` is not one run, or nothing can be changed.
    """
    from massive_kit.breakdown import rendering
    from massive_kit.breakdown.robustness import robustness_table
    from massive_kit.data.perturbations import perturbers
    from massive_kit.errors import UsageError
    from massive_kit.files.atomic import atomic_file
    from massive_kit.runs.folder import RunFolder
    from massive_kit.runs.perturbing import answer_pairs
    from massive_kit.scoring.robustness import robustness

    if morphology and perturbation != "inflect":
        raise UsageError("--morphology goes with --perturb inflect")
    if without:
        raise UsageError(f"--perturb does not go with {', '.join(without)}")
    if len(paths) > 1 or not RunFolder.is_run(paths[0]):
        raise UsageError("--perturb asks a system again, so it takes one run, not predictions")
    assert perturbation is not None
    test = task_data.test
    changing = perturbers(perturbation, test.locales, task_data.languages, morphology)
    with prediction_bar(f"predicting {task_data.task.name} twice", test.rows) as done:
        pairs = answer_pairs(paths[0], task_data, changing, seed, done)
    by_locale, pooled = robustness(pairs, resamples, seed)
    if pooled is None:
        raise UsageError(f"no utterance of {task_data.task.name} has a variant")
    table = robustness_table(perturbation, by_locale, pooled, task_data.languages)
    print_tables([table], form)
    if folder is not None:
        path = folder / f"perturb-{perturbation}.json"
        with atomic_file(path) as stream:
            stream.write(rendering.to_json([table]).encode())
        err.print(f"written: {path}", markup=False)
