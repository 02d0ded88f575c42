"""A bilingual dictionary, as far as some text needs it."""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

# Words of an entry; what is longer is a sentence or an explanation.
MOST_WORDS = 4
# Fewer pairs than these, and less than this share of all, do not tell which way a dictionary is to
# be read: of 51 dictionaries with swapped columns, 16 % and more of the pairs do, and of good ones
# without an entry of the text 2.5 % at most.
_FEWEST_BACKWARD, _LEAST_BACKWARD = 10, 0.05


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Entries of a dictionary, on either side of one to `MOST_WORDS` words.

    Attributes:
        source: The locale that its entries are of.
        target: The locale of their translations.
        name: The file's name.
        entries: By an entry as the file spells it, its translations in the file's order.
        lowered: The same by the entry in lower case, those of all its spellings together.
    """

    source: str
    target: str
    name: str
    entries: Mapping[str, tuple[str, ...]]
    lowered: Mapping[str, tuple[str, ...]]

    def translations(self, words: str) -> tuple[str, ...]:
        """The translations of a word, or of words with spaces between; none where it has none.

        Of the spelling as it stands, or else of any that differs in case alone. Entries are in NFC,
        and words need not be.
        """
        if not words.isascii():
            words = unicodedata.normalize("NFC", words)
        return self.entries.get(words) or self.lowered.get(words.lower(), ())

    def entry_at(self, words: Sequence[str], start: int, most: int = MOST_WORDS) -> Entry:
        """The longest entry that begins at a word; that word alone where none does.

        Args:
            words: The words.
            start: The place of the first of them.
            most: How many words it may have.
        """
        for end in range(min(start + most, len(words)), start, -1):
            translations = self.translations(" ".join(words[start:end]))
            if translations:
                return Entry(start, end, translations)
        return Entry(start, start + 1, ())

    def longest_entries(self, words: Sequence[str]) -> Iterator[Entry]:
        """Words cut into entries, from the first, the longest that there is each time."""
        start = 0
        while start < len(words):
            entry = self.entry_at(words, start)
            yield entry
            start = entry.end


@dataclass(frozen=True, slots=True)
class Entry:
    """Some words in the place where they stand.

    Attributes:
        start: The first of them.
        end: One past the last of them.
        translations: Theirs; none where they are no entry, and then it is one word.
    """

    start: int
    end: int
    translations: tuple[str, ...]


@dataclass(slots=True)
class LexiconBuilder:
    """Takes pairs as a file gives them.

    Attributes:
        wanted: The entries, in lower case, that are kept; all where it is `None`.
        pairs: Pairs that are kept.
        seen: All pairs.
        backward_pairs: Pairs whose translation is wanted as an entry.
    """

    wanted: Container[str] | None = None
    _entries: dict[str, dict[str, None]] = field(default_factory=dict)
    pairs: int = 0
    seen: int = 0
    backward_pairs: int = 0

    @property
    def swapped(self) -> bool:
        """Whether what is wanted stands mostly where translations should."""
        # Near languages share words, so that a good dictionary of theirs has as many of either;
        # of swapped ones of theirs this is no sign.
        least = max(_FEWEST_BACKWARD, _LEAST_BACKWARD * self.seen, 2 * self.pairs + 1)
        return self.backward_pairs >= least

    def add(self, entry: str, translation: str) -> None:
        """Takes a pair; both are normalised (NFC, single spaces), their case is kept."""
        self.seen += 1
        if self.wanted is not None:
            plain = translation if _is_plain(translation) else normalised(translation)
            self.backward_pairs += plain.lower() in self.wanted
        if self.wanted is not None and entry.lower() not in self.wanted and _is_plain(entry):
            return
        words = normalised(entry)
        if self.wanted is not None and words.lower() not in self.wanted:
            return
        target = normalised(translation)
        if words and target and max(words.count(" "), target.count(" ")) < MOST_WORDS:
            self.pairs += 1
            self._entries.setdefault(words, {})[target] = None

    def built(
        self, source: str, target: str, name: str, lemmas: Mapping[str, str] | None = None
    ) -> Lexicon:
        """The lexicon of all pairs taken.

        Args:
            source: The locale of its entries.
            target: The locale of their translations.
            name: The file's name.
            lemmas: By form, the lemma whose translations a form has that is no entry.
        """
        lowered: dict[str, dict[str, None]] = {}
        for entry, translations in self._entries.items():
            lowered.setdefault(entry.lower(), {}).update(translations)
        for form, lemma in (lemmas or {}).items():
            if lemma in lowered and (self.wanted is None or form in self.wanted):
                lowered.setdefault(form, lowered[lemma])
        return Lexicon(
            source,
            target,
            name,
            {entry: tuple(values) for entry, values in self._entries.items()},
            {entry: tuple(values) for entry, values in lowered.items()},
        )


def _is_plain(text: str) -> bool:
    """Whether text is its normalised form, as can be seen quickly."""
    return text.isascii() and text.isprintable() and "  " not in text and text[-1:] != " "


def normalised(text: str) -> str:
    """Text in NFC, with one space between words."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())
