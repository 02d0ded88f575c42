"""Words cut where a reader sees one sign end and another begin.

Coarser than the extended grapheme clusters of Unicode Standard Annex 29: what a virama or a
zero-width joiner joins stays whole, and so does a Thai or Lao consonant with its vowels, which are
letters of their own there.
"""

from __future__ import annotations

import unicodedata

JOINERS = frozenset("\u200c\u200d")
_VIRAMA = 9
# Written before the consonant that they follow in speech.
_BEFORE = frozenset("\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4")
# Written after it, and letters in Unicode.
_AFTER = frozenset("\u0e30\u0e32\u0e33\u0e45\u0eb0\u0eb2\u0eb3")
_JAMO_AFTER = ("\u1160", "\u11ff")
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")


def clusters(word: str) -> list[str]:
    """The signs of a word; joined, they are the word."""
    signs: list[str] = []
    for character in word:
        if signs and _continues(signs[-1], character):
            signs[-1] += character
        else:
            signs.append(character)
    return signs


def _continues(sign: str, character: str) -> bool:
    last = sign[-1]
    if character in JOINERS or unicodedata.category(character).startswith("M"):
        return True
    if last in JOINERS or unicodedata.combining(last) == _VIRAMA or last in _BEFORE:
        return True
    return (
        character in _AFTER
        or _JAMO_AFTER[0] <= character <= _JAMO_AFTER[1]
        or _SKIN_TONES[0] <= character <= _SKIN_TONES[1]
    )
