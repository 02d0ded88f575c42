"""Languages one below the other, in groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from massive_kit.languages import LanguageTable
from massive_kit.languages.groupings import MISSING, groups

ALONE = "one language each"


@dataclass(frozen=True, slots=True)
class RowGroup:
    """A group of languages; those that are alone in theirs share one.

    Attributes:
        name: Of the group.
        locales: Its languages.
        alone: Whether it holds those that are alone in theirs, so that no mean says anything.
    """

    name: str
    locales: tuple[str, ...]
    alone: bool = False


def row_groups(
    locales: Sequence[str], languages: LanguageTable, by: str, key: Callable[[str], float]
) -> list[RowGroup]:
    """Groups of languages, the largest first, those that are alone at the end.

    Args:
        locales: The languages.
        languages: The language table.
        by: The column that groups.
        key: By which the languages of a group are sorted, the highest first.

    Raises:
        UsageError: No such column.
    """
    shown: list[RowGroup] = []
    alone: list[str] = []
    for group in groups(languages, by, locales):
        members = tuple(sorted(group.locales, key=lambda code: (-key(code), code)))
        if group.singleton or group.name == MISSING:
            alone += members
        else:
            shown.append(RowGroup(group.name, members))
    if alone:
        members = tuple(sorted(alone, key=lambda code: (-key(code), code)))
        shown.append(RowGroup(ALONE, members, alone=True))
    return shown
