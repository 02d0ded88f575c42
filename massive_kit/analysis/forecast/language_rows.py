"""Languages as a forecast sees them: what tables say of each."""

from __future__ import annotations

from dataclasses import dataclass

from massive_kit.languages import Language, LanguageTable
from massive_kit.languages.subtags import read_tag
from massive_kit.languages.typology.table import Typology, TypologyTable
from massive_kit.languages.typology.text_sizes import cc100_gib

# Scripts that put no spaces between words, so that annotators did.
_SPACED_BY_ANNOTATORS = frozenset({"Khmr", "Laoo", "Mymr", "Thai", "Tibt"})


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """A language.

    Attributes:
        code: The locale where it is known, else the code or name that was given.
        name: English name.
        typology: Its row in the table of typology, or `None`.
        script: ISO 15924, or "" where it is not known.
        by_character: Whether its slots are scored by character.
        gib: Text in CC-100, in GiB.
    """

    code: str
    name: str
    typology: Typology | None
    script: str
    by_character: bool
    gib: float

    @property
    def spaced_by_annotators(self) -> bool:
        """Whether it is written without spaces, and not scored by character."""
        return self.script in _SPACED_BY_ANNOTATORS


def language_row(given: str, table: LanguageTable, typology: TypologyTable) -> LanguageRow | None:
    """The language that somebody means by a locale, a code or an English name.

    Returns:
        `None` where no table knows it.
    """
    match = table.match(given, table.languages)
    known = table.languages.get(match.locale) if match.known else None
    known = known or next(
        (row for row in table.languages.values() if row.name.lower() == given.strip().lower()), None
    )
    facts = typology.get(known.locale if known else given)
    if known is None and facts is None:
        return None
    code = known.locale if known else given.strip()
    if known is None and facts is not None and read_tag(given) is None:
        named = read_tag(facts.macrolanguage or facts.code)
        code = str(named or facts.code)
    tag = read_tag(code)
    script = (tag.script if tag else "") or (known.get("script") if known else None)
    language = known or Language(code)
    return LanguageRow(
        code,
        known.name if known else facts.name if facts else code,
        facts,
        script or (facts.script if facts else ""),
        language.character_scored,
        cc100_gib(code) or (cc100_gib(facts.macrolanguage) if facts else 0.0),
    )
