"""`stats.npz`: counts, replicates and what they are of; systems compare by it alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import ValidationError

from massive_kit.errors import MassiveKitError
from massive_kit.files.npz import read_arrays
from massive_kit.schema.config import Strict
from massive_kit.schema.scores import DataRef
from massive_kit.schema.task import Setting
from massive_kit.scoring.statistics import SufficientStatistics

SCORES_FILE = "scores.json"
STATS_FILE = "stats.npz"
LABELS_FILE = "labels.npz"


class About(Strict):
    """What the counts are of.

    Attributes:
        task: Name of the task.
        setting: Its setting.
        data: Which data.
        source_locale: The locale that transfer is measured from.
        compat: Whose labels the gold labels are, if not this package's own.
        averaged: The locales that averages and groups run over.
        groups: Members of each group, by column and value.
        genera: Members of each genus, which the macro average over genera runs over.
        signature: Of the scores.
    """

    task: str
    setting: Setting
    data: DataRef
    source_locale: str | None
    compat: str | None
    averaged: list[str]
    groups: dict[str, dict[str, list[str]]]
    genera: list[list[str]]
    signature: str


@dataclass(frozen=True, slots=True)
class StoredReplicates:
    """The main metrics under resampling.

    Attributes:
        keys: What is scored: `locale:de-DE`, `average:pooled` and so on.
        point: Shape (keys, 3), the scores themselves, in the order of `MAIN_METRICS`.
        values: Shape (resamples, keys, 3), the same on each resample.
        weights: Names the draw; replicates may be subtracted only if it is equal.
    """

    keys: tuple[str, ...]
    point: NDArray[np.float64]
    values: NDArray[np.float32]
    weights: str

    def arrays(self) -> dict[str, Any]:
        """As they stand in `stats.npz`."""
        return {
            "replicate_keys": np.array(self.keys),
            "replicate_scores": self.point,
            "replicates": self.values,
            "weights": np.array(self.weights),
        }


@dataclass(frozen=True, slots=True)
class Archive:
    """What `stats.npz` holds for the paired tests."""

    about: About
    statistics: SufficientStatistics


def stats_path(path: Path) -> Path:
    """The `stats.npz` that a folder, a `scores.json` or a `stats.npz` stands for."""
    if path.is_dir():
        return path / STATS_FILE
    return path.with_name(STATS_FILE) if path.name == SCORES_FILE else path


def load_archive(path: Path) -> Archive:
    """The archive in a folder or file.

    Raises:
        MissingDataError: There is none.
        MassiveKitError: It cannot be read.
    """
    path = stats_path(path)
    arrays = read_arrays(path)
    try:
        about = About.model_validate(orjson.loads(str(arrays["about"])))
    except (KeyError, ValueError, ValidationError) as error:
        raise MassiveKitError(f"{path} does not say what it is of: {error}") from None
    return Archive(about, SufficientStatistics.of_arrays(arrays, str(path)))


def save_archive(
    path: Path,
    about: About,
    statistics: SufficientStatistics,
    replicates: StoredReplicates | None,
) -> None:
    """Writes `stats.npz`."""
    more = replicates.arrays() if replicates else {}
    statistics.save(path, about=np.array(about.model_dump_json()), **more)
