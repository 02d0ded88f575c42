"""Distances between languages, as URIEL+ defines them.

Khan et al. 2025 (https://aclanthology.org/2025.coling-main.463): the angle between two vectors of
features that both languages have known, of 0 and 1, as a share of the right angle. Geographic
distance is the great circle, as a share of half the circumference of the earth.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from massive_kit.languages.great_circle import great_circle
from massive_kit.languages.typology.table import AREAS, Typology

KINDS = ("genetic", "geographic", *AREAS, "featural")
# Fewest features that both languages have known; an angle between fewer says nothing.
FEWEST_SHARED = 10


def distances(language: Typology, others: Sequence[Typology]) -> NDArray[np.float64]:
    """The distances of a language to others, in 0..1.

    Returns:
        Languages by kinds of distance, in the order of `KINDS`; NaN where hardly any feature is
        known of both.
    """
    return np.array([_between(language, other) for other in others]).reshape(-1, len(KINDS))


def distance_tensor(languages: Sequence[Typology]) -> NDArray[np.float64]:
    """The distances between languages: languages by languages by kinds, as in `KINDS`."""
    tensor = np.zeros((len(languages), len(languages), len(KINDS)))
    for row, language in enumerate(languages):
        tensor[row, :row] = distances(language, languages[:row])
        tensor[:row, row] = tensor[row, :row]
    return tensor


def _between(first: Typology, second: Typology) -> list[float]:
    if first is second:
        return [0.0] * len(KINDS)
    pairs = [_both_known(first.features(area), second.features(area)) for area in AREAS]
    every = (np.concatenate([pair[0] for pair in pairs]), np.concatenate([p[1] for p in pairs]))
    angles = [_angle(*pair) for pair in (*pairs, every)]
    return [_genetic(first.families, second.families), _great_circle(first, second), *angles]


def _both_known(
    first: NDArray[np.int8], second: NDArray[np.int8]
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    if not (first.size and second.size):
        return first[:0], second[:0]
    known = (first >= 0) & (second >= 0)
    return first[known], second[known]


def _angle(first: NDArray[np.int8], second: NDArray[np.int8]) -> float:
    if first.size < FEWEST_SHARED:
        return float("nan")
    return _as_share(int(first @ second.astype(int)), int(first.sum()), int(second.sum()))


def _genetic(first: frozenset[int], second: frozenset[int]) -> float:
    return _as_share(len(first & second), len(first), len(second))


def _as_share(both: int, first: int, second: int) -> float:
    if not (first and second):
        return 1.0
    return float(2 / np.pi * np.arccos(min(1.0, both / np.sqrt(first * second))))


def _great_circle(first: Typology, second: Typology) -> float:
    places = (first.latitude, first.longitude, second.latitude, second.longitude)
    return float(great_circle(*places) / np.pi)
