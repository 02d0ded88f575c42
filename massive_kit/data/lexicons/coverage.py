"""How much of a text a dictionary knows."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.lexicons.lexicon import MOST_WORDS, Lexicon


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a dictionary knows of a text.

    Attributes:
        locale: The language it translates into.
        entries: Its entries that occur in the text, those of several words included.
        tokens: The share of the text's words that are an entry by themselves.
        types: The same of its distinct words.
        rows: Rows with at least one such word.
    """

    locale: str
    entries: int
    tokens: float
    types: float
    rows: int

    def to_json(self) -> dict[str, Any]:
        """As the report of a transform has it."""
        shares = {"tokens": round(self.tokens, 4), "types": round(self.types, 4)}
        return {"entries": self.entries, **shares, "rows_with_a_word": self.rows}


@dataclass(frozen=True, slots=True)
class TextWords:
    """The words of a text that have a letter, in lower case.

    Attributes:
        words: The distinct ones.
        codes: For each word of the text, its place among them.
        rows: For each word of the text, its row.
        entries: All that could be an entry: every run of up to `MOST_WORDS` tokens.
    """

    words: tuple[str, ...]
    codes: NDArray[np.int64]
    rows: NDArray[np.int64]
    entries: frozenset[str]

    @classmethod
    def of(cls, rows: Iterable[Sequence[str]]) -> TextWords:
        """Those of some rows of tokens."""
        index: dict[str, int] = {}
        codes, places, entries = [], [], set()
        for number, tokens in enumerate(rows):
            lowered = [unicodedata.normalize("NFC", token).lower() for token in tokens]
            for start, word in enumerate(lowered):
                for end in range(start + 1, min(start + MOST_WORDS, len(lowered)) + 1):
                    entries.add(" ".join(lowered[start:end]))
                if has_letter(word):
                    codes.append(index.setdefault(word, len(index)))
                    places.append(number)
        return cls(
            tuple(index), np.array(codes, np.int64), np.array(places, np.int64), frozenset(entries)
        )

    def coverage(self, lexicon: Lexicon) -> Coverage:
        """What a dictionary knows of them."""
        known = np.array([word in lexicon.lowered for word in self.words], bool)
        covered = known[self.codes] if len(self.codes) else np.zeros(0, bool)
        return Coverage(
            lexicon.target,
            sum(entry in self.entries for entry in lexicon.lowered),
            float(covered.mean()) if len(covered) else 0.0,
            float(known.mean()) if len(known) else 0.0,
            len(np.unique(self.rows[covered])),
        )


def has_letter(word: str) -> bool:
    """Whether a word is more than digits and signs."""
    return any(map(str.isalpha, word))
