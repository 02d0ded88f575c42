"""Groups of locales by a column of the language table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from massive_kit.errors import UsageError
from massive_kit.languages.table import LanguageTable

# Columns that identify or cite a language and so group nothing.
IDENTIFYING = frozenset(
    {"locale", "language", "autonym", "wals_code", "iso639_3", "paper_code", "source"}
)
MISSING = "no data"


@dataclass(frozen=True, slots=True)
class Group:
    """The locales that share a value of a column.

    Attributes:
        by: The column, such as `genus`.
        name: The value, or `no data`.
        locales: Its members among the locales asked for, in their order.
    """

    by: str
    name: str
    locales: tuple[str, ...]

    @property
    def singleton(self) -> bool:
        """Whether it is in truth one language: its mean says nothing about the group."""
        return len(self.locales) == 1


def grouping_columns(table: LanguageTable) -> list[str]:
    """The columns that can be grouped by."""
    return [column for column in table.columns if column not in IDENTIFYING]


def groups(table: LanguageTable, by: str, locales: Iterable[str]) -> list[Group]:
    """The groups of `locales` by a column: largest first, then by name, those without data last.

    Raises:
        UsageError: No such column.
    """
    if by not in grouping_columns(table):
        known = ", ".join(grouping_columns(table))
        raise UsageError(f"cannot group by {by!r}; columns to group by: {known}")
    members: dict[str, list[str]] = {}
    for locale in locales:
        members.setdefault(table[locale].get(by) or MISSING, []).append(locale)
    grouped = [Group(by, name, tuple(codes)) for name, codes in members.items()]
    return sorted(grouped, key=lambda g: (g.name == MISSING, -len(g.locales), g.name))
