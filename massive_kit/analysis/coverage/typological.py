"""Typological distances between many languages at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from massive_kit.languages.typology.table import AREAS, UNKNOWN, Typology, TypologyTable
from massive_kit.languages.world.table import WorldLanguage

Matrix = npt.NDArray[np.float64]


# As many features of a pair as count for as much as what is usual. Without it, a language of which
# twenty features are known is alike to hundreds by chance, and seems to stand for them all.
USUAL_FEATURES = 50


def typological(
    languages: Sequence[WorldLanguage], others: Sequence[WorldLanguage], usual: Matrix
) -> Matrix:
    """The `featural` distance of URIEL+, drawn to what is usual where little is known.

    The angle between the features that are known of both languages, as a share of the right angle,
    counts for as many features as they are; what is usual for 50.

    Args:
        languages: The rows.
        others: The columns.
        usual: The distance that languages so related have, shape (languages, others).
    """
    known, present = _features(languages)
    other_known, other_present = _features(others)
    shared = known @ other_known.T
    both = present @ other_present.T
    first, second = present @ other_known.T, known @ other_present.T
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.where((first > 0) & (second > 0), both / np.sqrt(first * second), 0.0)
    angle = 2 / np.pi * np.arccos(np.clip(cosine, 0, 1))
    return np.asarray((shared * angle + USUAL_FEATURES * usual) / (shared + USUAL_FEATURES))


def _features(languages: Sequence[WorldLanguage]) -> tuple[Matrix, Matrix]:
    """Which features are known of each language, and which of these it has."""
    table = TypologyTable.shipped()
    widths = {
        area: max(len(each.texts[area]) for each in table.languages.values()) for area in AREAS
    }
    rows = [_row(table.languages.get(language.code), widths) for language in languages]
    values = np.array(rows).reshape(-1, sum(widths.values()))
    return (values != UNKNOWN).astype(float), (values == 1).astype(float)


def _row(typology: Typology | None, widths: dict[str, int]) -> npt.NDArray[np.int8]:
    parts = []
    for area, width in widths.items():
        values = np.full(width, UNKNOWN, np.int8)
        if typology is not None and typology.texts[area]:
            values[:] = typology.features(area)
        parts.append(values)
    return np.concatenate(parts)
