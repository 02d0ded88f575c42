"""What scores are of: locales, means over some of them, and all averaged locales pooled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massive_kit.languages import Group, LanguageTable, groups
from massive_kit.languages.groupings import MISSING
from massive_kit.schema.metrics import AVERAGES

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
        genera: Positions of the same locales by genus, for the mean over genera.
        matrix: Shape (groups + 2, locales), the weight of each locale in the mean over a group and
            in the two macro averages; each row sums to 1, or to 0 where nothing is averaged.
    """

    names: tuple[Scope, ...]
    groups: tuple[Group, ...]
    averaged: NDArray[np.int64]
    genera: tuple[tuple[int, ...], ...]
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
        groups = tuple(groups)
        names = [
            *(Scope("locale", locale) for locale in locales),
            *(Scope(group.by, group.name) for group in groups),
            Scope("average", "macro_locales"),
            Scope("average", "macro_genera"),
            Scope("average", "pooled"),
        ]
        places = np.array([position[locale] for locale in averaged], np.int64)
        by_genus = tuple(tuple(position[locale] for locale in genus) for genus in genera)
        scopes = cls(tuple(names), groups, places, by_genus, np.zeros((0, len(locales))))
        return scopes.among(np.ones(len(locales), bool))

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

    def among(self, scored: NDArray[np.bool_]) -> Scopes:
        """The same scopes, with means over those locales that have the score.

        A genus without any such locale is left out of the mean over genera.

        Args:
            scored: Shape (locales,), which locales have it.
        """

        def mean_over(members: Iterable[int]) -> NDArray[np.float64]:
            chosen = [locale for locale in members if scored[locale]]
            weights = np.zeros(len(scored))
            weights[chosen] = 1 / max(len(chosen), 1)
            return weights

        genera = [mean_over(genus) for genus in self.genera if scored[list(genus)].any()]
        rows = [
            *(mean_over(self.members(Scope(group.by, group.name))) for group in self.groups),
            mean_over(self.averaged),
            np.mean(genera or [np.zeros(len(scored))], axis=0),
        ]
        return replace(self, matrix=np.array(rows))

    def members(self, scope: Scope) -> list[int]:
        """The positions of the locales that a score is of."""
        place = self.positions[scope]
        locales = len(self.names) - len(self.groups) - len(AVERAGES)
        if place < locales:
            return [place]
        if place < locales + len(self.groups):
            wanted = self.groups[place - locales].locales
            return [self.positions[Scope("locale", locale)] for locale in wanted]
        return [int(locale) for locale in self.averaged]

    def spread(
        self, by_locale: NDArray[np.float64], pooled: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Scores of all scopes, along the last axis.

        A mean is NaN where the score of a locale that it runs over is, and where it runs over none.

        Args:
            by_locale: Shape (..., locales), the locales' scores.
            pooled: Shape (...), the score over all averaged locales together.
        """
        missing = np.isnan(by_locale)
        means = np.where(missing, 0.0, by_locale) @ self.matrix.T
        if missing.any():
            means[missing.astype(np.float32) @ (self.matrix > 0).astype(np.float32).T > 0] = np.nan
        means[..., ~self.matrix.any(axis=1)] = np.nan
        return np.concatenate([by_locale, means, pooled[..., None]], axis=-1)


def genus_members(table: LanguageTable, averaged: Sequence[str]) -> list[tuple[str, ...]]:
    """The averaged locales by genus; a locale whose genus is not known stands for itself."""
    return members_by(table, "genus", averaged)


def members_by(table: LanguageTable, column: str, averaged: Sequence[str]) -> list[tuple[str, ...]]:
    """The averaged locales by a column; a locale without a value there stands for itself."""
    members: list[tuple[str, ...]] = []
    for group in groups(table, column, averaged):
        if group.name == MISSING:
            members += [(locale,) for locale in group.locales]
        else:
            members.append(group.locales)
    return members
