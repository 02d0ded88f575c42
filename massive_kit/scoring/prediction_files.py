"""From prediction files to an evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from massive_kit.data.annotated import check_annotated
from massive_kit.data.id_origins import id_origin
from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.store import Compat
from massive_kit.data.task_data import TaskData
from massive_kit.errors import PredictionError, Problem, UsageError
from massive_kit.scoring.averages import DEFAULT_GROUPINGS
from massive_kit.scoring.evaluation import RESAMPLES, Evaluation, evaluate
from massive_kit.scoring.statistics import SufficientStatistics, count
from massive_kit.submission.index import TaskIndex, untested_locales
from massive_kit.submission.reading import Predictions, read_predictions

# A system may well be right about so few utterances.
_FEW = 100


@dataclass(frozen=True, slots=True)
class FileEvaluation:
    """An evaluation, and the warnings about its files.

    Attributes:
        evaluation: The evaluation.
        warnings: What is odd about the file without being wrong.
        notes: What else to know of it, a sentence each.
    """

    evaluation: Evaluation
    warnings: tuple[Problem, ...]
    notes: tuple[str, ...] = ()


def evaluate_files(
    paths: Sequence[Path],
    task_data: TaskData,
    *,
    compat: Compat | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    by: Sequence[str] = DEFAULT_GROUPINGS,
    source: Sequence[Path] = (),
    strict: bool = False,
) -> FileEvaluation:
    """Reads, checks and scores the predictions of one system.

    Where the files also hold the task's source locale, which it does not test, the transfer gap is
    measured from those rows, as it were from `source`.

    Args:
        paths: Its prediction files.
        task_data: The task.
        compat: `alexa` for the original's labels, defect included.
        resamples: Bootstrap resamples; 0 for no intervals.
        seed: Of the resampling.
        by: Columns of the language table to group by.
        source: Its prediction files for the source locale, where the task does not test that.
        strict: Refuse rows of training locales that the task does not test.

    Raises:
        PredictionError: The predictions are invalid; holds every mistake.
        MissingDataError: The data set or a file is missing.
        ConfigError: Labels to score by were made and not annotated.
    """
    check_annotated(task_data.test)
    gold = task_data.test.labels(compat)
    predicted = _read(paths, task_data, gold, strict=strict)
    source_counts = _source_in(predicted, task_data, compat)
    if source:
        source_counts = source_statistics(source, task_data, compat)
    evaluation = evaluate(
        gold,
        predicted.columns,
        task_data,
        compat=compat,
        resamples=resamples,
        seed=seed,
        by=by,
        source=source_counts,
    )
    warnings = tuple(
        problem for problem in predicted.report.problems if problem.severity == "warning"
    )
    return FileEvaluation(evaluation, (*warnings, *_all_right(evaluation, paths[0].name)))


def _all_right(evaluation: Evaluation, where: str) -> Iterator[Problem]:
    scores = evaluation.scores.locales.values()
    utterances = sum(locale.n for locale in scores)
    right = all(locale.exact_match and locale.exact_match.value == 1 for locale in scores)
    if utterances > _FEW and right:
        yield Problem(
            where,
            f"every label of all {utterances:,} utterances is right",
            todo="are these predictions, or the labels that they are scored with?",
            severity="warning",
        )


def source_task(task_data: TaskData) -> TaskData:
    """The same task, tested on its source locale alone.

    Raises:
        UsageError: The task has none, or the data set lacks it.
    """
    locale = task_data.task.source_locale
    if locale is None:
        raise UsageError(f"the task {task_data.task.name} has no source locale to transfer from")
    if task_data.test.partition not in task_data.store.parts.get(locale, {}):
        raise UsageError(f"the data set {task_data.store.name} has no {locale} to transfer from")
    return replace(task_data, test=task_data.test.only(locale))


def source_statistics(
    paths: Sequence[Path], task_data: TaskData, compat: Compat | None = None
) -> SufficientStatistics:
    """The counts of a system in the task's source locale.

    Raises:
        PredictionError: The predictions are invalid.
        UsageError: The task has no source locale.
    """
    from_source = source_task(task_data)
    check_annotated(from_source.test)
    gold = from_source.test.labels(compat)
    return _counted(gold, _read(paths, from_source, gold, strict=True).columns, from_source)


def _source_in(
    predicted: Predictions, task_data: TaskData, compat: Compat | None
) -> SufficientStatistics | None:
    """The counts in the source locale, where the files of the task itself hold all of it."""
    held = predicted.set_aside.get(task_data.task.source_locale or "")
    if held is None or held.columns is None:
        return None
    from_source = source_task(task_data)
    check_annotated(from_source.test)
    return _counted(from_source.test.labels(compat), held.columns, from_source)


def _counted(
    gold: LabelColumns, predicted: LabelColumns, task_data: TaskData
) -> SufficientStatistics:
    counts, lineage = count(gold, predicted), task_data.test.store.lineage
    return counts if lineage is None else counts.with_origins(id_origin(lineage))


def _read(
    paths: Sequence[Path], task_data: TaskData, gold: LabelColumns, *, strict: bool
) -> Predictions:
    # The gold labels know all that a right file needs; what explains a wrong one costs a second
    # look at the data, so it is fetched only then.
    light = TaskIndex(
        task=task_data.task.name,
        setting=task_data.task.setting,
        partition=task_data.test.partition,
        locales=gold.locales,
        locale=gold.locale,
        ids=gold.ids,
        token_counts=gold.token_counts.astype(np.int32),
        character_locales=task_data.store.character_locales & frozenset(gold.locales),
        inventory=gold.inventory,
        languages=task_data.languages,
        train_locales=task_data.train.label_locales,
        untested=untested_locales(task_data),
    )
    try:
        return read_predictions(paths, light, strict=strict)
    except PredictionError:
        return read_predictions(paths, TaskIndex.of(task_data), strict=strict)
