"""The averages and groups: means of locale scores, as rows of a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massive_kit.languages import Group, LanguageTable, groups
from massive_kit.languages.groupings import MISSING

DEFAULT_GROUPINGS = ("genus", "family", "script")


@dataclass(frozen=True, slots=True)
class Means:
    """Named means over locales.

    Attributes:
        groups: Groups of the averaged locales, in order of the matrix' rows.
        matrix: Shape (groups + 2, locales); each row's weights sum to 1. The last two rows are the
            mean over locales and the mean over genera.
    """

    groups: tuple[Group, ...]
    matrix: NDArray[np.float64]

    def of(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """The means of locale scores, which stand along the last axis."""
        result: NDArray[np.float64] = scores @ self.matrix.T
        return result


def means(
    table: LanguageTable, locales: Sequence[str], averaged: Sequence[str], by: Sequence[str]
) -> Means:
    """The means by some columns of the language table, and over locales and genera.

    Raises:
        UsageError: No such column.
    """
    position = {locale: i for i, locale in enumerate(locales)}

    def row(members: Sequence[str]) -> NDArray[np.float64]:
        weights = np.zeros(len(locales))
        weights[[position[locale] for locale in members]] = 1 / len(members)
        return weights

    found = [group for column in by for group in groups(table, column, averaged)]
    rows = [row(group.locales) for group in found]
    genera = [row(members) for members in genus_members(table, averaged)]
    everyone = row(averaged) if averaged else np.zeros(len(locales))
    mean_of_genera = np.mean(genera, axis=0) if genera else np.zeros(len(locales))
    return Means(tuple(found), np.array([*rows, everyone, mean_of_genera]))


def genus_members(table: LanguageTable, averaged: Sequence[str]) -> list[tuple[str, ...]]:
    """The averaged locales by genus; a locale whose genus is not known stands for itself."""
    members: list[tuple[str, ...]] = []
    for group in groups(table, "genus", averaged):
        if group.name == MISSING:
            members += [(locale,) for locale in group.locales]
        else:
            members.append(group.locales)
    return members
