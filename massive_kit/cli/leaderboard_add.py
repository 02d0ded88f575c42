"""`massive-kit leaderboard add`: a submission becomes a row of the board."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from massive_kit.cli.console import err, out, show_warnings
from massive_kit.cli.options import CostFile, DataName, ManifestFile, ManifestKeys, Results


def add(
    submission: Annotated[
        Path,
        typer.Argument(
            help="A bundle (folder, zip or tar), a run, or predictions with --manifest or -o."
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
    manifest: ManifestFile = None,
    keys: ManifestKeys = None,
    cost: CostFile = None,
    results: Results = None,
    comment: Annotated[
        Path | None,
        typer.Option(help="Write Markdown with the scores and the difference to the best systems."),
    ] = None,
    resamples: Annotated[int, typer.Option(min=0, help="For the intervals.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of the resampling.")] = 0,
) -> None:
    """Validate a submission, score it and add it to the results; a version never changes."""
    import tempfile

    from massive_kit.publish.comment import comment as commented
    from massive_kit.publish.entries import STATS, estimate_of
    from massive_kit.publish.results import SCORES, add_result, load_results
    from massive_kit.publish.same_scores import same_scores
    from massive_kit.runs.as_submission import open_run_or_submission
    from massive_kit.runs.submission_scoring import score_submission
    from massive_kit.schema.metrics import DEFAULT_AVERAGE, DEFAULT_METRIC, METRIC_INFO

    root = results or _own_results()
    with (
        open_run_or_submission(
            submission, manifest=manifest, overrides=keys or (), task=task, cost=cost
        ) as opened,
        tempfile.TemporaryDirectory() as temporary,
    ):
        folder = Path(temporary)
        if opened.origin is not None:
            err.print(opened.origin, markup=False, soft_wrap=True)
        warnings = score_submission(
            opened,
            folder,
            labels=labels,
            data=data,
            groupings=_groupings(root),
            resamples=resamples,
            seed=seed,
        )
        show_warnings(warnings)
        entry = add_result(root, opened.manifest, folder / SCORES, folder / STATS)
    show_warnings(same_scores(root, entry))
    if comment is not None:
        comment.write_text(commented(entry, load_results(root)), encoding="utf-8")
    score = estimate_of(entry.average(DEFAULT_AVERAGE), DEFAULT_METRIC)
    shown = f"{100 * score.value:.2f}" if score else "not defined"
    out.print(
        f"{entry.manifest.system} {entry.manifest.version}: {METRIC_INFO[DEFAULT_METRIC].title}"
        f" {shown} ({DEFAULT_AVERAGE}) -> {entry.folder}",
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


def _groupings(results: Path) -> list[str]:
    """What the board that these results belong to groups by, where there is one."""
    from massive_kit.schema.board import load_board

    board = results.parent / "board.yaml"
    return load_board(board).groupings if board.is_file() else []
