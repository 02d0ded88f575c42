"""`massive-kit eval`: scores of a prediction file or a run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import err, show_warnings
from massive_kit.cli.eval_perturbed import MorphologyOption, PerturbOption
from massive_kit.cli.options import DataName, TaskName
from massive_kit.cli.prediction_progress import prediction_bar
from massive_kit.cli.tables import TableFormat, TableFormatOption

if TYPE_CHECKING:
    from massive_kit.scoring.evaluation import Evaluation


class Compat(StrEnum):
    """Whose labels count as gold."""

    alexa = "alexa"


def eval_(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN_OR_FILE...",
            help="Predictions of one system (one file, or one per locale), or runs.",
        ),
    ],
    task: TaskName,
    data: DataName = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Keep scores.json, stats.npz, labels.npz here.", file_okay=False
        ),
    ] = None,
    compat: Annotated[
        Compat | None, typer.Option(help="alexa: the original's labels, defects included.")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Group by a column of the language table; repeat for more."),
    ] = None,
    form: TableFormatOption = TableFormat.text,
    resamples: Annotated[
        int, typer.Option(min=0, max=1_000_000, help="Bootstrap resamples; 0: no intervals.")
    ] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 0,
    source: Annotated[
        list[Path] | None,
        typer.Option(help="Predictions in the source locale, for the transfer gap."),
    ] = None,
    seeds: Annotated[
        bool, typer.Option("--seeds", help="Each PATH is another seed of one system.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--cross-check", help="Compute it again with seqeval, scikit-learn.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Of a run: predict anew what it has kept.")
    ] = False,
    perturb: PerturbOption = None,
    morphology: MorphologyOption = None,
) -> None:
    """Score predictions: every locale, all averages, groups, with intervals."""
    from massive_kit.cli.printing import print_agreement, print_evaluation, print_seeds
    from massive_kit.data.opening import open_task
    from massive_kit.runs.evaluating import Evaluator
    from massive_kit.scoring.averages import DEFAULT_GROUPINGS

    if perturb is not None or morphology:
        from massive_kit.cli.eval_perturbed import print_perturbed

        unused = {"--compat": compat, "--by": by, "--source": source, "--seeds": seeds}
        unused |= {"--cross-check": check, "--again": again}
        print_perturbed(
            paths,
            open_task(task, data),
            perturb,
            morphology or (),
            without=[flag for flag, value in unused.items() if value],
            resamples=resamples,
            seed=seed,
            folder=folder,
            form=form,
        )
        return
    evaluator = Evaluator(
        open_task(task, data),
        compat="alexa" if compat else None,
        resamples=resamples,
        seed=seed,
        by=tuple(by or DEFAULT_GROUPINGS),
        source=tuple(source or ()),
        folder=folder,
        display=prediction_bar,
        again=again,
    )
    systems = evaluator.systems(paths, seeds=seeds)
    results: list[Evaluation] = []
    for system, seed_folder in zip(systems, evaluator.folders(systems), strict=True):
        scored = evaluator.evaluate(system, seed_folder)
        show_warnings(scored.warnings)
        for note in scored.notes:
            err.print(note, markup=False, highlight=False, soft_wrap=True)
        results.append(scored.evaluation)
    if len(results) > 1:
        print_seeds(results, evaluator.task_data.languages, folder, form)
        return
    (result,) = results
    print_evaluation(result, evaluator.task_data.languages, form, list(evaluator.by))
    if check:
        print_agreement(result)
    if folder:
        err.print(f"written: {folder}/scores.json, stats.npz, labels.npz", markup=False)
