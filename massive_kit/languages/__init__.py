"""The languages of the benchmark and how they group."""

from massive_kit.languages.groupings import Group, groups
from massive_kit.languages.language import Language
from massive_kit.languages.lookup import LocaleMatch
from massive_kit.languages.table import (
    LanguageTable,
    character_locales,
)

__all__ = [
    "Group",
    "Language",
    "LanguageTable",
    "LocaleMatch",
    "character_locales",
    "groups",
]
