"""How sure labels are that were made by a system or by users: `confidences.tsv` of a store."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.split import DataSplit
from massive_kit.errors import ConfigError, DataError, Problem
from massive_kit.files.bounded_lines import bounded_lines

CONFIDENCES = "confidences.tsv"
_HEAD = ("locale", "partition", "id", "confidence")
_SHOWN = 60
_MOST_PROBLEMS = 50

Confidences = NDArray[np.float32]


def row_confidences(split: DataSplit, most: int | None = None) -> Confidences:
    """How sure the labels of each row of a split are; 1 where the file does not name the row.

    Args:
        split: The split, of a store that `pseudo-label` or `rephrases` made.
        most: Most rows of each locale, drawn as they are for training.

    Returns:
        Shape (rows,), locale after locale.

    Raises:
        ConfigError: The store has no such file.
        DataError: The file is wrong; every mistake is told.
    """
    by_row = _read(split)
    parts = [np.zeros(0, np.float32)]
    for part in split.by_locale():
        (locale,) = part.locales
        ids = part.read(["id"], most).column("id").to_pylist()
        parts.append(np.array([by_row.get((locale, name), 1.0) for name in ids], np.float32))
    return np.concatenate(parts)


def _read(split: DataSplit) -> dict[tuple[str, str], float]:
    """By locale and id, those of the split's partition."""
    path = split.store.path / CONFIDENCES
    if not path.is_file():
        problem = Problem(
            f"store {split.store.name}",
            f"no {CONFIDENCES}",
            "how sure the labels of its rows are",
            "train on what `data derive pseudo-label` or `rephrases` made, or leave out"
            " objective.confidences",
        )
        raise ConfigError("the recipe does not fit the data", [problem])
    by_row: dict[tuple[str, str], float] = {}
    problems: list[Problem] = []
    for line in bounded_lines(path):
        cells = (line.text or "").split("\t")
        if line.number == 1:
            if tuple(cells[: len(_HEAD)]) != _HEAD:
                found = repr(line.text)[:_SHOWN]
                problems.append(Problem(str(path), found, ", ".join(_HEAD), line=1))
                break
            continue
        value = _confidence(cells)
        if value is None:
            found = repr(line.text)[:_SHOWN]
            expected = "a locale, a partition, an id and a number from 0 to 1"
            problems.append(Problem(str(path), found, expected, line=line.number))
        elif cells[1] == split.partition:
            by_row[cells[0], cells[2]] = value
    if problems:
        todo = f"{path} holds wrong confidences; derive the store again"
        raise DataError(todo, problems[:_MOST_PROBLEMS], len(problems))
    return by_row


def _confidence(cells: list[str]) -> float | None:
    try:
        value = float(cells[len(_HEAD) - 1])
    except (ValueError, IndexError):
        return None
    return value if math.isfinite(value) and 0 <= value <= 1 else None
