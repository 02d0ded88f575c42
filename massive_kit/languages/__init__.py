"""The languages of the benchmark and how they group."""

from massive_kit.languages.groupings import Group, groups
from massive_kit.languages.table import Language, LanguageTable, canonical_locale

__all__ = ["Group", "Language", "LanguageTable", "canonical_locale", "groups"]
