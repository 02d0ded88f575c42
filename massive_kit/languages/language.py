"""One row of the language table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from massive_kit.languages.subtags import read_tag

UNITS = ("word", "character")
DIRECTIONS = ("left to right", "right to left")
SPACINGS = ("natural", "by annotators", "none")


@dataclass(frozen=True, slots=True)
class Language:
    """One row of the table.

    Attributes:
        locale: Code as in the data, such as `sl-SL`.
        facts: All columns but the locale. An absent key is missing data; `none` is a value.
    """

    locale: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def get(self, column: str) -> str | None:
        """The value of a column, or `None` where it is missing."""
        return self.locale if column == "locale" else self.facts.get(column)

    @property
    def name(self) -> str:
        """English name, or the locale where the table has none."""
        return self.facts.get("language", self.locale)

    @property
    def autonym(self) -> str:
        """The language's name in itself, or its English name."""
        return self.facts.get("autonym", self.name)

    @property
    def right_to_left(self) -> bool:
        """Whether its script runs from right to left."""
        return self.facts.get("direction") == DIRECTIONS[1]

    @property
    def character_scored(self) -> bool:
        """Whether the scoring unit is the character (ja-JP, zh-CN, zh-TW in MASSIVE).

        Where the table does not say it, so are all locales of Japanese and of the Chinese
        languages, unless their code names another script: `zh-HK` and `yue`, but not `ja-Latn`.
        """
        unit = self.facts.get("scoring_unit")
        if unit is not None:
            return unit == "character"
        tag = read_tag(self.locale)
        return tag is not None and tag.without_spaces

    @property
    def artificial_spacing(self) -> bool:
        """Whether annotators made the spaces, which inflates slot F1 (th-TH, km-KH, my-MM)."""
        return self.facts.get("spacing") == "by annotators"
