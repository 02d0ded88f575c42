"""Utterances with some of their words in other languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from massive_kit.data.lexicons.lexicon import MOST_WORDS, Lexicon
from massive_kit.data.lexicons.translating import chosen, translated_phrase
from massive_kit.data.rewriting import LabelledRows, Phrase


@dataclass(frozen=True, slots=True)
class Draws:
    """What was drawn for each word of an utterance.

    Attributes:
        switched: Whether the unit that begins with it is switched.
        languages: Into which language, as the place of its dictionary.
        choices: In [0, 1), which translation.
    """

    switched: Sequence[bool]
    languages: Sequence[int]
    choices: Sequence[float]

    def part(self, start: int, end: int) -> Draws:
        """Those of some words."""
        cut = slice(start, end)
        return Draws(self.switched[cut], self.languages[cut], self.choices[cut])


@dataclass(frozen=True, slots=True)
class SwitchedRow:
    """An utterance, switched.

    Attributes:
        phrases: What it is made of.
        languages: The language of each unit that was switched.
    """

    phrases: list[Phrase]
    languages: list[str]


@dataclass(slots=True)
class SwitchCounts:
    """How much was switched.

    Attributes:
        all_rows: Rows with a unit in another language.
        rows: Such rows by language.
        units: Units by language.
    """

    all_rows: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)

    def count(self, languages: Sequence[str]) -> None:
        """Counts a row by the languages of its switched units."""
        self.all_rows += 1
        self.units.update(languages)
        self.rows.update({*languages})


@dataclass(frozen=True, slots=True)
class Switcher:
    """A way to switch.

    Attributes:
        lexicons: The dictionaries.
        shares: How often each is drawn; they add up to 1.
        rate: Share of units that are switched where the dictionary drawn has them.
        chunks: Whether a slot's words are switched together, and entries of several words are
            looked up; otherwise each word is, by itself.
        per_row: Whether a row has one language.
        never: Slots that stay as they are.
        most: How many of an entry's first translations may be taken.
    """

    lexicons: Sequence[Lexicon]
    shares: Sequence[float]
    rate: float
    chunks: bool
    per_row: bool
    never: frozenset[str]
    most: int

    def draws(
        self, part: LabelledRows, row_rate: float, seed: Sequence[int]
    ) -> Iterator[tuple[int, Draws]]:
        """The rows that are to be switched, each with its draws.

        Args:
            part: The rows.
            row_rate: Share of rows.
            seed: Of the draws.
        """
        generator = np.random.default_rng(list(seed))
        lengths = [sum(len(phrase.words) for phrase in row) for row in part.phrases]
        drawn = generator.random(len(part)) < row_rate
        numbers = generator.random((sum(lengths), 3))
        switched = (numbers[:, 0] < self.rate).tolist()
        bounds = np.cumsum(self.shares)[:-1]
        languages = np.searchsorted(bounds, numbers[:, 1], side="right").tolist()
        of_all = Draws(switched, languages, numbers[:, 2].tolist())
        start = 0
        for row, length in enumerate(lengths):
            if drawn[row]:
                yield row, of_all.part(start, start + length)
            start += length

    def switched(self, phrases: Sequence[Phrase], draws: Draws) -> SwitchedRow:
        """An utterance, switched as was drawn.

        Args:
            phrases: The utterance.
            draws: For each of its words.
        """
        if self.per_row:
            languages = [*draws.languages[:1]] * len(draws.languages)
            draws = Draws(draws.switched, languages, draws.choices)
        row = SwitchedRow([], [])
        start = 0
        for phrase in phrases:
            own = draws.part(start, start + len(phrase.words))
            start += len(phrase.words)
            words: Sequence[str] = phrase.words
            if phrase.slot is not None and self.chunks:
                words = words if phrase.slot in self.never else self._chunk(words, own, row)
            elif phrase.slot not in self.never:
                words = self._units(words, own, row)
            row.phrases.append(Phrase(tuple(words), phrase.slot))
        return row

    def _chunk(self, words: Sequence[str], draws: Draws, row: SwitchedRow) -> Sequence[str]:
        if not draws.switched[0]:
            return words
        lexicon = self.lexicons[draws.languages[0]]
        translated = translated_phrase(words, lexicon, draws.choices, self.most)
        if translated is None:
            return words
        row.languages.append(lexicon.target)
        return translated

    def _units(self, words: Sequence[str], draws: Draws, row: SwitchedRow) -> Sequence[str]:
        written: list[str] = []
        start = 0
        while start < len(words):
            lexicon = self.lexicons[draws.languages[start]]
            entry = lexicon.entry_at(words, start, MOST_WORDS if self.chunks else 1)
            if entry.translations and draws.switched[start]:
                written.append(chosen(entry.translations, draws.choices[start], self.most))
                row.languages.append(lexicon.target)
            else:
                written += words[start : entry.end]
            start = entry.end
        return written
