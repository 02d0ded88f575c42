"""Scoring what was handed in, against public or private labels."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from massive_kit.data.home import DEMO
from massive_kit.data.opening import open_task
from massive_kit.errors import Problem, UsageError
from massive_kit.languages.groupings import grouping_columns
from massive_kit.scoring.averages import DEFAULT_GROUPINGS
from massive_kit.scoring.prediction_files import evaluate_files
from massive_kit.scoring.private_labels import private_store, strip_counts
from massive_kit.scoring.stats_file import STATS_FILE
from massive_kit.submission.submission_intake import Submission


def score_submission(
    submission: Submission,
    folder: Path,
    *,
    labels: Path | None = None,
    data: str | None = None,
    groupings: Sequence[str] = (),
    resamples: int = 1000,
    seed: int = 0,
) -> tuple[Problem, ...]:
    """Writes `scores.json` and `stats.npz` of a submission.

    Args:
        submission: The submission.
        folder: Where they go.
        labels: Private labels to score against; single utterances' counts are then left out.
        data: The data to score against, where the task's own are not meant.
        groupings: Columns of the language table to group by beside the usual ones; those that the
            task's table lacks are left out.
        resamples: Bootstrap resamples; 0 for no intervals.
        seed: Of the resampling.

    Returns:
        What is odd about the predictions without being wrong.

    Raises:
        PredictionError: The predictions are invalid; holds every mistake.
        UsageError: The data are the demo corpus, and the task is not.
    """
    task = submission.task
    opened = nullcontext(data) if labels is None else private_store(labels, task)
    with opened as source:
        task_data = open_task(task, source)
        if task_data.store.name == DEMO and DEMO not in task.data:
            raise UsageError(
                f"the demo corpus is not the data of {task.name}; name its data by --data"
            )
        columns = grouping_columns(task_data.languages)
        scored = evaluate_files(
            submission.files,
            task_data,
            resamples=resamples,
            seed=seed,
            by=[by for by in dict.fromkeys((*DEFAULT_GROUPINGS, *groupings)) if by in columns],
            strict=True,
        )
        scored.evaluation.save(folder)
        if labels is not None:
            strip_counts(folder / STATS_FILE)
    return scored.warnings
