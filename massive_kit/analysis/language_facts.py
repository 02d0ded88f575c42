"""What is known of a language before there are any data in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from massive_kit.analysis.forecast.language_blocks import nearness
from massive_kit.analysis.forecast.language_rows import LanguageRow, language_row
from massive_kit.languages import Language, LanguageTable
from massive_kit.languages.typology.table import TypologyTable
from massive_kit.languages.world.table import WorldTable

_NEAREST = 5


@dataclass(frozen=True, slots=True)
class LanguageFacts:
    """What tables say of a language.

    Attributes:
        row: Its row in the language table.
        users: People who use it, as a second language too; `None` where nobody counted.
        gib: Text in CC-100, in GiB.
        features: How many features of each area of typology are known; empty where none is.
        nearest: Locales of the language table, the nearest first, each with its distance.
    """

    row: Language
    users: int | None
    gib: float
    features: dict[str, int]
    nearest: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, row: Language, table: LanguageTable, world: WorldTable) -> LanguageFacts:
        """The facts of a row of a table; distances are those that `forecast` reckons with."""
        typology = TypologyTable.shipped()
        known = LanguageTable(table.columns, {**table.languages, row.locale: row})
        language = language_row(row.locale, known, typology)
        others = [
            other
            for code in table.languages
            if code != row.locale and (other := language_row(code, known, typology)) is not None
        ]
        place = world.find(row.locale)
        facts = language.typology if language else None
        return cls(
            row,
            place.speakers if place else None,
            language.gib if language else 0.0,
            facts.known if facts else {},
            _nearest(language, others) if language and facts else (),
        )


def _nearest(language: LanguageRow, others: list[LanguageRow]) -> tuple[tuple[str, float], ...]:
    distances = nearness([*others, language], len(others))[-1]
    order = [int(place) for place in np.argsort(distances) if not np.isnan(distances[place])]
    return tuple((others[place].code, float(distances[place])) for place in order[:_NEAREST])
