"""What scores are of: locales, means over some of them, and all averaged locales pooled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massive_kit.languages import Group, LanguageTable, groups
from massive_kit.languages.groupings import MISSING

DEFAULT_GROUPINGS = ("genus", "family", "script")


class Scope(NamedTuple):
    """What a score is of.

    Attributes:
        kind: `locale`, `average`, or the column that is grouped by.
        key: The locale, the average or the group.
    """

    kind: str
    key: str


@dataclass(frozen=True)
class Scopes:
    """Everything that a system is scored on.

    Attributes:
        names: The locales, the groups, the two macro averages and `pooled`: the order of scores.
        groups: The groups.
        averaged: Positions of the locales that averages run over.
        matrix: Shape (groups + 2, locales), the weight of each locale in the mean over a group and
            in the two macro averages; each row sums to 1.
    """

    names: tuple[Scope, ...]
    groups: tuple[Group, ...]
    averaged: NDArray[np.int64]
    matrix: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        locales: Sequence[str],
        groups: Iterable[Group],
        averaged: Sequence[str],
        genera: Iterable[Sequence[str]],
    ) -> Scopes:
        """The scopes of some locales.

        Args:
            locales: All locales that are scored.
            groups: The groups that get a mean.
            averaged: The locales that averages run over.
            genera: The same locales by genus, for the mean over genera.
        """
        position = {locale: i for i, locale in enumerate(locales)}

        def mean_over(members: Sequence[str]) -> NDArray[np.float64]:
            weights = np.zeros(len(locales))
            weights[[position[locale] for locale in members]] = 1 / max(len(members), 1)
            return weights

        groups = tuple(groups)
        genus_means = [mean_over(members) for members in genera] or [np.zeros(len(locales))]
        names = [
            *(Scope("locale", locale) for locale in locales),
            *(Scope(group.by, group.name) for group in groups),
            Scope("average", "macro_locales"),
            Scope("average", "macro_genera"),
            Scope("average", "pooled"),
        ]
        rows = [
            *(mean_over(group.locales) for group in groups),
            mean_over(averaged),
            np.mean(genus_means, axis=0),
        ]
        places = np.array([position[locale] for locale in averaged], np.int64)
        return cls(tuple(names), groups, places, np.array(rows))

    @classmethod
    def by_columns(
        cls,
        table: LanguageTable,
        locales: Sequence[str],
        averaged: Sequence[str],
        columns: Sequence[str],
    ) -> Scopes:
        """The scopes with groups by some columns of the language table.

        Raises:
            UsageError: No such column.
        """
        members = [group for column in columns for group in groups(table, column, averaged)]
        return cls.of(locales, members, averaged, genus_members(table, averaged))

    @cached_property
    def positions(self) -> dict[Scope, int]:
        """The position of each scope's score."""
        return {scope: i for i, scope in enumerate(self.names)}

    def spread(
        self, by_locale: NDArray[np.float64], pooled: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Scores of all scopes, along the last axis.

        Args:
            by_locale: Shape (..., locales), the locales' scores.
            pooled: Shape (...), the score over all averaged locales together.
        """
        means = by_locale @ self.matrix.T
        return np.concatenate([by_locale, means, pooled[..., None]], axis=-1)


def genus_members(table: LanguageTable, averaged: Sequence[str]) -> list[tuple[str, ...]]:
    """The averaged locales by genus; a locale whose genus is not known stands for itself."""
    members: list[tuple[str, ...]] = []
    for group in groups(table, "genus", averaged):
        if group.name == MISSING:
            members += [(locale,) for locale in group.locales]
        else:
            members.append(group.locales)
    return members
