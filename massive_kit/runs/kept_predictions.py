"""Predictions that a run keeps in its folder: whether they are those it would make now."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from massive_kit import provenance
from massive_kit.files import jsonio
from massive_kit.runs.folder import RunFolder, made_by_file
from massive_kit.runs.predicting import PredictedFile
from massive_kit.runs.prediction_maker import prediction_maker
from massive_kit.runs.prediction_parts import PartCounts

if TYPE_CHECKING:
    from massive_kit.data.task_data import TaskData

# The note of a file has some lines per locale; a larger one is none of ours.
_MOST_BYTES = 1_000_000


def kept_predictions(run: RunFolder, path: Path, task_data: TaskData) -> PredictedFile | None:
    """What a run keeps in a file, where it would predict just that for a task.

    The file is as it was written, by the weights, recipe, code and libraries that are there now, on
    this machine, for these rows; `None` where any of it is other, or not known.
    """
    note_file = made_by_file(path)
    if not path.is_file() or not note_file.is_file() or not run.recipe().answers_alone():
        return None
    try:
        if note_file.stat().st_size > _MOST_BYTES:
            return None
        note = jsonio.read_json(note_file)
        noted = note["counts"]
        counts = {key: PartCounts.from_json(noted[key]) for key in task_data.test.locales}
        total = sum(counts.values(), PartCounts())
        seconds, day = float(note["seconds"]), str(note["day"])
        made_by, sha256 = note["made_by"], note["sha256"]
    except (AttributeError, KeyError, OSError, TypeError, ValueError):
        return None
    whole = total.rows == task_data.test.rows and sha256 == provenance.file_sha256(path)
    # A model is large, so it is looked at last.
    if not whole or made_by != prediction_maker(run.path, task_data):
        return None
    return PredictedFile(path, total.rows, total.failed, seconds, counts, made_by, day)


def day_of(path: Path) -> str | None:
    """The day on which a run predicted a file that it keeps; `None` where that is not known."""
    try:
        return str(jsonio.read_json(made_by_file(path))["day"])
    except (KeyError, OSError, TypeError, ValueError):
        return None


def note_predictions(predicted: PredictedFile) -> None:
    """Writes beside a file that was predicted just now what made it."""
    note = {
        "made_by": dict(predicted.made_by),
        "sha256": provenance.file_sha256(predicted.path),
        "counts": {locale: part.to_json() for locale, part in predicted.counts.items()},
        "seconds": round(predicted.seconds, 1),
        "day": datetime.now(UTC).date().isoformat(),
    }
    jsonio.write_json(made_by_file(predicted.path), note)
