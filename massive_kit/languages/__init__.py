"""The languages of the benchmark and how they group."""

from massive_kit.languages.groupings import Group, groups
from massive_kit.languages.lookup import LocaleMatch, match_locale
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
    "LocaleMatch",
    "canonical_locale",
    "character_locales",
    "groups",
    "match_locale",
]
