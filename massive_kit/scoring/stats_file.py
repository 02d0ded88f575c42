"""`stats.npz`: counts, replicates and what they are of; systems compare by it alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
from pydantic import ValidationError

from massive_kit.errors import MassiveKitError, MissingDataError
from massive_kit.files.npz import read_arrays, write_arrays
from massive_kit.schema.config import Strict
from massive_kit.schema.scores import DataRef
from massive_kit.schema.span_scheme import SpanScheme
from massive_kit.schema.task import Setting
from massive_kit.scoring.replicates import OF_SLOT_METHODS, Replicates
from massive_kit.scoring.statistics import SufficientStatistics

FORMAT = 1
SCORES_FILE = "scores.json"
STATS_FILE = "stats.npz"
LABELS_FILE = "labels.npz"


class ScoredOn(Strict):
    """What the counts of a `stats.npz` are of.

    Attributes:
        task: Name of the task.
        setting: Its setting.
        data: Which data.
        source_locale: The locale that transfer is measured from.
        compat: Whose labels the gold labels are, if not this package's own.
        scheme: What a slot's span is.
        averaged: The locales that averages and groups run over.
        groups: Members of each group, by column and value.
        genera: Members of each genus, which the macro average over genera runs over.
        signature: Of the scores.
        resources: What a run used beside the labels of its setting; `None` where it is predictions
            alone that were scored.
    """

    task: str
    setting: Setting
    data: DataRef
    source_locale: str | None
    compat: str | None
    # Earlier versions knew runs alone.
    scheme: SpanScheme = "runs"
    averaged: list[str]
    groups: dict[str, dict[str, list[str]]]
    genera: list[list[str]]
    signature: str
    resources: list[str] | None = None


@dataclass(frozen=True, slots=True)
class StatsFile:
    """What `stats.npz` holds for the paired tests.

    Attributes:
        scored_on: What the counts are of.
        statistics: The counts.
    """

    scored_on: ScoredOn
    statistics: SufficientStatistics


def stats_path(path: Path) -> Path:
    """The `stats.npz` that a folder, a `scores.json` or a `stats.npz` stands for."""
    if path.is_dir():
        return path / STATS_FILE
    return path.with_name(STATS_FILE) if path.name == SCORES_FILE else path


def not_an_evaluation(path: Path) -> MissingDataError:
    """The error that tells of a file, such as one of predictions, in place of an evaluation."""
    return MissingDataError(
        f"{path} is not an evaluation; run `massive-kit eval {path} --task TASK --out FOLDER` first"
        " and give its FOLDER"
    )


def load_stats_file(path: Path) -> StatsFile:
    """The counts in a folder or file, and what they are of.

    Raises:
        MissingDataError: There is no such file, or it is none that `eval --out` wrote.
        MassiveKitError: It cannot be read.
    """
    path = stats_path(path)
    if path.is_file() and path.suffix != ".npz":
        raise not_an_evaluation(path)
    arrays = read_arrays(path, written_by="massive-kit eval --out")
    try:
        scored_on = ScoredOn.model_validate(orjson.loads(str(arrays["about"])))
    except (KeyError, ValueError, ValidationError) as error:
        raise MassiveKitError(f"{path} does not say what it is of: {error}") from None
    return StatsFile(scored_on, SufficientStatistics.of_arrays(arrays, str(path)))


def save_stats_file(
    path: Path,
    scored_on: ScoredOn,
    statistics: SufficientStatistics,
    replicates: Replicates | None,
    slot_methods: Replicates | None = None,
) -> None:
    """Writes `stats.npz`.

    Args:
        path: The file.
        scored_on: What the counts are of.
        statistics: The counts.
        replicates: The scores of locales and averages under resampling.
        slot_methods: Those of the parts that `slot_method` tells apart.
    """
    # Earlier versions refuse a key that they do not know.
    unknown = {"resources"} if scored_on.resources is None else None
    arrays = {
        "format": np.array(FORMAT),
        **statistics.arrays(),
        "about": np.array(scored_on.model_dump_json(exclude=unknown)),
        **(replicates.arrays() if replicates else {}),
        **(slot_methods.arrays(OF_SLOT_METHODS) if slot_methods else {}),
    }
    write_arrays(path, arrays)
