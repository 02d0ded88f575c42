"""How far languages are from each other, as far as the world's table tells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from massive_kit.analysis.coverage.typological import typological
from massive_kit.languages.great_circle import great_circle
from massive_kit.languages.world.table import WorldLanguage

Matrix = npt.NDArray[np.float64]

_RADIUS = 6371.0
# Further than that, all is equally far.
FAR = 5000.0
SAME_GENUS = 0.2
SAME_FAMILY = 0.6
# Mean typological distance of languages of one genus, of one family and of two, over the pairs of
# those with counted users of whom enough features are known.
USUAL_ANGLES = (0.36, 0.48, 0.55)


def kilometres(languages: Sequence[WorldLanguage], others: Sequence[WorldLanguage]) -> Matrix:
    """Great-circle distances, shape (languages, others)."""
    (here, x), (there, y) = _degrees(languages), _degrees(others)
    return _RADIUS * great_circle(here[:, None], x[:, None], there, y)


def distances(languages: Sequence[WorldLanguage], others: Sequence[WorldLanguage]) -> Matrix:
    """The mean of four distances, each in 0..1; shape (languages, others).

    Genetic: 0 to itself, 0.2 in one genus, 0.6 in one family, else 1. Geographic: kilometres over
    5,000, at most 1. Script: 0 in one script, else 1. Typological: the angle between features that
    are known of both, drawn to that of languages so related.

    Args:
        languages: The rows.
        others: The columns.
    """
    same = _same(languages, others, "code")
    genus = _same(languages, others, "genus") & _same(languages, others, "family")
    family = _same(languages, others, "family")
    genetic = np.select([same, genus, family], [0.0, SAME_GENUS, SAME_FAMILY], 1.0)
    usual = np.select([same, genus, family], [0.0, *USUAL_ANGLES[:2]], USUAL_ANGLES[2])
    angles = np.where(same, 0.0, typological(languages, others, usual))
    geographic = np.minimum(kilometres(languages, others) / FAR, 1)
    script = 1.0 - (_same(languages, others, "script") | same)
    return np.asarray((genetic + geographic + script + angles) / 4)


def _degrees(languages: Sequence[WorldLanguage]) -> tuple[Matrix, Matrix]:
    degrees = np.array([(each.latitude, each.longitude) for each in languages]).reshape(-1, 2)
    return degrees[:, 0], degrees[:, 1]


def _same(
    languages: Sequence[WorldLanguage], others: Sequence[WorldLanguage], name: str
) -> npt.NDArray[np.bool_]:
    """Whether two share a value that is known."""
    rows = np.array([getattr(each, name) for each in languages], dtype=object)
    columns = np.array([getattr(each, name) for each in others], dtype=object)
    return np.asarray((rows[:, None] == columns) & (rows != "")[:, None], dtype=bool)
