"""`massive-kit leaderboard add`: a submission becomes a row of the board."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from massive_kit.cli.console import out, show_warnings
from massive_kit.cli.options import DataName
from massive_kit.cli.submission_pack import Keys, Manifest

if TYPE_CHECKING:
    from massive_kit.publish.results import Result
    from massive_kit.submission.submission_intake import Submission

Results = Annotated[
    Path | None,
    typer.Option(
        "--results", help="The results tree; default: leaderboard/results.", file_okay=False
    ),
]


def add(
    submission: Annotated[
        Path,
        typer.Argument(
            help="A bundle (folder or zip), a run, or predictions with --manifest or -o."
        ),
    ],
    *,
    labels: Annotated[
        Path | None,
        typer.Option(help="Private labels to score against; never named in what is published."),
    ] = None,
    data: DataName = None,
    task: Annotated[
        str | None, typer.Option("--task", "-t", help="Where no manifest says it.")
    ] = None,
    manifest: Manifest = None,
    keys: Keys = None,
    results: Results = None,
    comment: Annotated[
        Path | None,
        typer.Option(help="Write Markdown with the scores and the difference to the best systems."),
    ] = None,
    resamples: Annotated[int, typer.Option(min=0, help="For the intervals.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of the resampling.")] = 0,
) -> None:
    """Validate a submission, score it and add it to the results; a version never changes."""
    from massive_kit.publish.comment import comment as commented
    from massive_kit.publish.results import load_results
    from massive_kit.runs.as_submission import open_run_or_submission

    root = results or _own_results()
    with open_run_or_submission(
        submission, manifest=manifest, overrides=keys or (), task=task
    ) as opened:
        result = _score(opened, root, labels, data, resamples, seed)
    if comment is not None:
        comment.write_text(commented(result, load_results(root)), encoding="utf-8")
    best = result.scores.averages["pooled"].exact_match.value
    out.print(
        f"{result.manifest.system} {result.manifest.version}: exact match {100 * best:.2f} (pooled)"
        f" -> {result.folder}",
        markup=False,
        soft_wrap=True,
    )


def _own_results() -> Path:
    from massive_kit import content
    from massive_kit.errors import UsageError

    try:
        return content.own_folder("leaderboard") / "results"
    except UsageError as error:
        raise UsageError(f"{error}; go to the folder that does, or say --results FOLDER") from None


def _score(
    submission: Submission,
    root: Path,
    labels: Path | None,
    data: str | None,
    resamples: int,
    seed: int,
) -> Result:
    import tempfile

    from massive_kit.data.home import DEMO
    from massive_kit.data.opening import open_task
    from massive_kit.errors import UsageError
    from massive_kit.publish.results import add_result
    from massive_kit.scoring.prediction_files import evaluate_files
    from massive_kit.scoring.private_labels import private_store, strip_counts

    task = submission.task
    opened = nullcontext(data) if labels is None else private_store(labels, task)
    with opened as source, tempfile.TemporaryDirectory() as temporary:
        task_data = open_task(task, source)
        if task_data.store.name == DEMO and DEMO not in task.data:
            raise UsageError(
                f"the demo corpus is not the data of {task.name}; name its data by --data"
            )
        found = evaluate_files(submission.files, task_data, resamples=resamples, seed=seed)
        show_warnings(found.warnings)
        folder = Path(temporary)
        found.evaluation.save(folder)
        if labels is not None:
            strip_counts(folder / "stats.npz")
        return add_result(root, submission.manifest, folder / "scores.json", folder / "stats.npz")
