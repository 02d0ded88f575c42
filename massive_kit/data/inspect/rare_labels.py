"""Labels that look like a slip of the keyboard: rare, and one edit away from a frequent label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from massive_kit.counted import counted
from massive_kit.errors import Problem

# A slip is made once or twice; what stands in so many rows is meant.
_RARE, _FREQUENT = 2, 10
# Shorter names are one edit apart by chance.
_SHORTEST = 4


def rows_of_labels(labels: pa.ChunkedArray) -> dict[str, int]:
    """In how many rows each label occurs; null is no label.

    Args:
        labels: One label a row, or a list of labels a row.
    """
    if not len(labels):
        return {}
    if pa.types.is_list(labels.type):
        rows = pa.chunked_array([pc.list_parent_indices(labels.combine_chunks())])
        table = pa.table({"row": rows.combine_chunks(), "label": pc.list_flatten(labels)})
        labels = table.group_by(["row", "label"]).aggregate([]).column("label")
    counts = labels.drop_null().value_counts().to_pylist()
    return {entry["values"]: entry["counts"] for entry in counts}


def rare_labels(where: str, counts: Mapping[str, int]) -> Iterator[Problem]:
    """A warning for each rare label that may be a frequent one misspelt.

    Args:
        where: What holds the labels.
        counts: Rows by label, of one kind.
    """
    frequent = [label for label, rows in counts.items() if rows >= _FREQUENT]
    for label, rows in sorted(counts.items()):
        if rows > _RARE or len(label) < _SHORTEST:
            continue
        near = [other for other in frequent if is_one_edit(label, other)]
        if near:
            meant = max(near, key=lambda other: counts[other])
            yield Problem(
                where,
                f"{label} ({counted(rows, 'row')}): did you mean {meant}"
                f" ({counted(counts[meant], 'row')})?",
                severity="warning",
            )


def is_one_edit(left: str, right: str) -> bool:
    """Whether names differ by a letter too many, too few or other, or by two that changed place.

    Names that differ by a digit, such as `line_1` and `line_2`, are meant to.
    """
    shorter, longer = sorted((left, right), key=len)
    if shorter == longer or len(longer) - len(shorter) > 1:
        return False
    start = next(
        (place for place, letter in enumerate(shorter) if letter != longer[place]), len(shorter)
    )
    if any(letter.isdigit() for letter in shorter[start : start + 1] + longer[start]):
        return False
    if len(shorter) < len(longer):
        return shorter[start:] == longer[start + 1 :]
    swapped = (shorter[start : start + 2], longer[start : start + 2][::-1])
    return shorter[start + 1 :] == longer[start + 1 :] or (
        swapped[0] == swapped[1] and shorter[start + 2 :] == longer[start + 2 :]
    )
