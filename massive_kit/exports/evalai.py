"""EvalAI: gold labels as one annotation file, and the `evaluate` that the platform calls.

https://evalai.readthedocs.io: `evaluate(test_annotation_file, user_submission_file, phase_codename,
**kwargs)` gives `{"result": [{split codename: {label: number}}], "submission_result": ...}`; what
it raises is shown to the competitor.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from massive_kit.data.annotated import check_annotated
from massive_kit.data.inventory import Inventory
from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.task_data import TaskData
from massive_kit.errors import MassiveKitError
from massive_kit.files.npz import read_arrays, write_arrays
from massive_kit.languages import LanguageTable
from massive_kit.schema.metrics import (
    AVERAGE_INFO,
    AVERAGES,
    DEFAULT_AVERAGE,
    DEFAULT_METRIC,
    MAIN_METRICS,
    METRIC_INFO,
    Average,
    Metric,
)
from massive_kit.schema.scores import DataRef, Estimate
from massive_kit.scoring.evaluation import Context, evaluate_labels
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import read_predictions


def _labels() -> dict[str, tuple[Average, Metric]]:
    main = METRIC_INFO[DEFAULT_METRIC].heading
    labels = {main: (DEFAULT_AVERAGE, DEFAULT_METRIC)}
    for metric in MAIN_METRICS:
        labels.setdefault(METRIC_INFO[metric].heading, (DEFAULT_AVERAGE, metric))
    for average in AVERAGES:
        if average != DEFAULT_AVERAGE:
            labels[f"{main}, {AVERAGE_INFO[average].title}"] = (average, DEFAULT_METRIC)
    return labels


# Label on the platform: average and metric; the platform orders by the first.
LABELS = _labels()


def labels_of(inventory: Inventory) -> dict[str, tuple[Average, Metric]]:
    """Those of `LABELS` that data with these labels can have a score for."""
    has = {"intent_accuracy": inventory.intents, "slot_f1": inventory.slots}
    return {label: what for label, what in LABELS.items() if has.get(what[1], True)}


@dataclass(frozen=True, slots=True)
class Gold:
    """What an annotation file holds.

    Attributes:
        columns: The gold labels.
        context: What is scored.
        index: What a submission is checked against.
    """

    columns: LabelColumns
    context: Context
    index: TaskIndex


def phase_codename(task: str) -> str:
    """What the platform calls the phase of a task."""
    return task.replace(".", "-")


def split_codename(task: str) -> str:
    """What the platform calls the data set split of a task."""
    return f"{phase_codename(task)}-test"


def write_gold(path: Path, task_data: TaskData, data_name: str) -> None:
    """Writes a task's gold labels as an annotation file; it holds no text.

    Raises:
        ConfigError: Some of the labels were made, and not annotated.
    """
    check_annotated(task_data.test)
    columns = task_data.test.labels()
    index = TaskIndex.of(task_data)
    context = Context.of(task_data)
    about = {
        "task": context.task,
        "setting": context.setting,
        "data": {**context.data.model_dump(), "name": data_name},
        "averaged": context.averaged,
        "source_locale": context.source_locale,
        "inventory": columns.inventory.to_json(),
        "character_locales": sorted(index.character_locales),
        "train_locales": index.train_locales,
        "other_ids": {name: sorted(ids) for name, ids in index.other_ids.items()},
    }
    arrays = {
        "about": np.array(orjson.dumps(about).decode()),
        "locales": np.array(columns.locales),
        "locale": columns.locale,
        "ids": columns.ids.astype(str),
        "intents": columns.intents,
        "labels": columns.labels,
        "offsets": columns.offsets,
    }
    write_arrays(path, arrays)


def read_gold(path: Path) -> Gold:
    """The inverse of `write_gold`.

    Raises:
        MissingDataError: There is no such file.
        MassiveKitError: It is not an annotation file.
    """
    arrays = read_arrays(path, written_by="massive-kit export evalai")
    try:
        about = orjson.loads(str(arrays["about"]))
        columns = LabelColumns(
            inventory=Inventory.from_json(about["inventory"]),
            locales=tuple(map(str, arrays["locales"])),
            locale=arrays["locale"],
            ids=arrays["ids"].astype(object),
            intents=arrays["intents"],
            labels=arrays["labels"],
            offsets=arrays["offsets"],
        )
        languages = LanguageTable.shipped()
        context = Context(
            task=about["task"],
            setting=about["setting"],
            data=DataRef(**about["data"]),
            languages=languages,
            averaged=tuple(about["averaged"]),
            source_locale=about["source_locale"],
        )
        index = TaskIndex(
            task=about["task"],
            setting=about["setting"],
            partition=context.data.partition,
            locales=columns.locales,
            locale=columns.locale,
            ids=columns.ids,
            token_counts=columns.token_counts.astype(np.int32),
            character_locales=frozenset(about["character_locales"]),
            inventory=columns.inventory,
            languages=languages,
            train_locales=tuple(about["train_locales"]),
            other_ids={name: frozenset(ids) for name, ids in about["other_ids"].items()},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MassiveKitError(f"{path} is not an annotation file: {error}") from None
    return Gold(columns, context, index)


def evaluate(
    test_annotation_file: str, user_submission_file: str, phase_codename: str, **kwargs: Any
) -> dict[str, Any]:
    """Scores one submission, as EvalAI calls it.

    Args:
        test_annotation_file: What `write_gold` wrote.
        user_submission_file: Predictions as `.json` (JSON lines), `.gz` or `.zip`.
        phase_codename: The phase that the competitor chose.
        **kwargs: Among them `submission_metadata`; nothing in it changes a score.

    Returns:
        The scores times 100, by split and label, and the signature. A score that is not defined is
        `None`.

    Raises:
        PredictionError: The submission is invalid; holds every mistake.
        MassiveKitError: The annotation file is of another phase.
    """
    del kwargs
    gold = read_gold(Path(test_annotation_file))
    if _codename(gold.context.task) != phase_codename:
        raise MassiveKitError(
            f"the annotations are of {gold.context.task}, not of the phase {phase_codename!r}"
        )
    predicted = read_predictions([Path(user_submission_file)], gold.index)
    scores = evaluate_labels(gold.context, gold.columns, predicted.columns, resamples=0).scores
    values = {
        label: _percent(getattr(scores.averages[average], metric))
        for label, (average, metric) in labels_of(gold.columns.inventory).items()
    }
    return {
        "result": [{split_codename(gold.context.task): values}],
        "submission_result": {**values, "signature": scores.signature},
    }


def _percent(estimate: Estimate | None) -> float | None:
    return None if estimate is None else round(100 * estimate.value, 4)


# The platform's parameter has the function's name.
_codename = phase_codename
