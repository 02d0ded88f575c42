"""Words by their translations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from massive_kit.data.lexicons.coverage import has_letter
from massive_kit.data.lexicons.lexicon import Lexicon

# Names of persons and of who makes music or books, as MASSIVE, SNIPS, MultiATIS and others call
# such slots.
NAMES = ("person", "person_name", "artist_name", "artist", "audiobook_author", "contact_name")


def chosen(translations: Sequence[str], drawn: float, most: int) -> str:
    """One of the first translations, which are the likeliest.

    Args:
        translations: All of an entry.
        drawn: A number in [0, 1).
        most: How many may be taken.
    """
    return translations[int(drawn * min(len(translations), most))]


@dataclass(frozen=True, slots=True)
class TranslatedWords:
    """Words of which some are translated.

    Attributes:
        words: What stands in their place.
        covered: How many were translated.
        missing: How many words with a letter have no entry.
    """

    words: list[str]
    covered: int
    missing: int


def translated_words(
    words: Sequence[str], lexicon: Lexicon, choices: Sequence[float], most: int
) -> TranslatedWords:
    """Words, cut into the longest entries there are, each by its translation if it has one.

    Args:
        words: The words.
        lexicon: The dictionary.
        choices: For each word a number in [0, 1), which translation.
        most: How many of an entry's first translations may be taken.
    """
    written: list[str] = []
    covered = missing = start = 0
    while start < len(words):
        entry = lexicon.entry_at(words, start)
        if entry.translations:
            written.append(chosen(entry.translations, choices[start], most))
            covered += entry.end - start
        else:
            written.append(words[start])
            missing += has_letter(words[start])
        start = entry.end
    return TranslatedWords(written, covered, missing)


def translated_phrase(
    words: Sequence[str], lexicon: Lexicon, choices: Sequence[float], most: int
) -> list[str] | None:
    """A phrase as one: by its own entry, or by those of all its words; `None` where one has none.

    What has no letter, such as a number, needs no entry. The arguments are those of
    `translated_words`.
    """
    translated = translated_words(words, lexicon, choices, most)
    return translated.words if translated.covered and not translated.missing else None
