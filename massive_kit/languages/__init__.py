"""The languages of the benchmark and how they group."""

from massive_kit.languages.groupings import Group, groups
from massive_kit.languages.lookup import Meant, meant_locale
from massive_kit.languages.table import (
    Language,
    LanguageTable,
    canonical_locale,
    character_locales,
)

__all__ = [
    "Group",
    "Language",
    "LanguageTable",
    "Meant",
    "canonical_locale",
    "character_locales",
    "groups",
    "meant_locale",
]
