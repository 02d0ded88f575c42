"""Utterances glossed: word by word, each by what a dictionary has for it in another language.

What linguists write between the lines, and a translation for a system that knows that other
language: word order and endings are lost, the words that tell intents and slots mostly are not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from massive_kit.data.lexicons.lexicon import MOST_WORDS

# Written where lines may break in scripts without spaces; dictionaries have none of them.
_INVISIBLE = str.maketrans("", "", "\u00ad\u200b\u2060\ufeff")
# Code points of an entry that are looked for in text whose spaces say nothing. Shorter ones occur
# by chance: single characters, and syllables within what annotators took for a word.
_LONGEST, _SHORTEST, _SHORTEST_PART = 24, 2, 3
# Tokens without an entry whose gloss is kept.
_REMEMBERED = 1 << 16
# A form is taken for one of a word that begins alike: with so many letters at least, that are such
# shares of the form and of the word.
_ALIKE, _OF_FORM, _OF_WORD = 4, 0.6, 0.7
# What may stand for a word, the likeliest first, and how many there are at most.
Choices = tuple[str, ...]
MOST_CHOICES = 8


@dataclass(frozen=True, slots=True)
class GlossedWord:
    """A word of a gloss.

    Attributes:
        word: The word.
        start: The first token that it stands for.
        end: One past the last of them.
    """

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry of a glossary in an utterance, or a token that is none.

    Attributes:
        choices: What may stand for it, the likeliest first; of a token that is none, itself.
        start: The first token of the entry.
        end: One past the last of them.
        known: Whether the glossary has anything for the token, or for a part of it.
    """

    choices: Choices
    start: int
    end: int
    known: bool = True

    def glossed(self, choice: str | None = None) -> list[GlossedWord]:
        """Its words in the gloss.

        Args:
            choice: What stands for it; by default what is likeliest.
        """
        choice = self.choices[0] if choice is None else choice
        words = choice.split() if self.known else [choice]
        return [GlossedWord(word, self.start, self.end) for word in words]


@dataclass(frozen=True, slots=True)
class Glossary:
    """What stands for the words of a language.

    Attributes:
        glosses: By a word, or several, as `plain` has them, what may stand for it, each a word or
            several, the likeliest first.
        spaced: Whether the language has spaces between words.
    """

    glosses: Mapping[str, Choices]
    spaced: bool = True
    # Words by how they begin, and what stands for the parts of tokens that are none.
    _beginnings: dict[str, list[str]] = field(default_factory=dict, compare=False, repr=False)
    _unknown: dict[str, list[Choices]] = field(default_factory=dict, compare=False, repr=False)

    def gloss(self, tokens: Sequence[str]) -> list[GlossedWord]:
        """The gloss of an utterance, in the order of its words; unknown ones stay as they are.

        Args:
            tokens: The utterance. Each has one word of the gloss at least.
        """
        return [word for entry in self.found(tokens) for word in entry.glossed()]

    def found(self, tokens: Sequence[str]) -> list[FoundEntry]:
        """The entries of an utterance, in its order, each token in one of them at least.

        The longest are taken, from the first token on. A token that is none is taken for a form of
        the word that begins most like it, if much is alike; in a language without spaces, for the
        words that stand in it.

        Args:
            tokens: The utterance.
        """
        return [*self._found(tokens)]

    def _found(self, tokens: Sequence[str]) -> Iterator[FoundEntry]:
        between, most, least = (" ", MOST_WORDS, 1) if self.spaced else ("", _LONGEST, _SHORTEST)
        forms = [plain(token) for token in tokens]
        start = 0
        while start < len(forms):
            for end in range(min(start + most, len(forms)), start, -1):
                form = between.join(forms[start:end])
                choices = self.glosses.get(form)
                if choices and len(form) >= least:
                    yield FoundEntry(choices, start, end)
                    break
            else:
                end = start + 1
                parts = self._of_unknown(forms[start])
                for choices in parts:
                    yield FoundEntry(choices, start, end)
                if not parts:
                    yield FoundEntry((tokens[start],), start, end, known=False)
            start = end

    def _of_unknown(self, form: str) -> list[Choices]:
        """What may stand for a token that is no entry, or for its parts; empty if nothing does."""
        if form not in self._unknown:
            if len(self._unknown) >= _REMEMBERED:
                self._unknown.clear()
            if self.spaced:
                choices = self._of_inflected(form)
                self._unknown[form] = [choices] if choices else []
            else:
                self._unknown[form] = self._of_parts(form)
        return self._unknown[form]

    def _of_inflected(self, form: str) -> Choices | None:
        """What may stand for the word that a form is most like."""
        if len(form) <= _ALIKE or any(map(str.isdigit, form)):
            return None
        if not self._beginnings:
            for word in self.glosses:
                if len(word) >= _ALIKE and " " not in word:
                    self._beginnings.setdefault(word[:_ALIKE], []).append(word)
        nearest, most = None, 0
        for word in self._beginnings.get(form[:_ALIKE], ()):
            alike = _alike(form, word)
            enough = alike >= _OF_FORM * len(form) and alike >= _OF_WORD * len(word)
            if enough and alike > most:
                nearest, most = word, alike
        return None if nearest is None else self.glosses[nearest]

    def _of_parts(self, form: str) -> list[Choices]:
        """What may stand for the words that are in a token, and the characters between them."""
        parts: list[Choices] = []
        start = rest = 0
        while start < len(form):
            end = self._end_of_entry(form, start)
            if end is None:
                start += 1
                continue
            parts += [(form[rest:start],), self.glosses[form[start:end]]]
            start = rest = end
        return [part for part in (*parts, (form[rest:],)) if part[0].strip()] if parts else []

    def _end_of_entry(self, text: str, start: int) -> int | None:
        """Where the longest entry ends that begins at a character; not before what goes with it."""
        least = start + _SHORTEST_PART
        for end in range(min(start + _LONGEST, len(text)), least - 1, -1):
            if text[start:end] in self.glosses and not _is_mark(text[end : end + 1]):
                return end
        return None


def plain(text: str) -> str:
    """A word as it is looked up: in NFC and lower case, without invisible characters."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFC", text.translate(_INVISIBLE)).lower()
    # Of a capital I with a dot, as Turkish and Azerbaijani have it, lower case leaves a second dot.
    return text.replace("i\u0307", "i")


def _alike(form: str, word: str) -> int:
    """With how many characters both begin."""
    count = 0
    for left, right in zip(form, word, strict=False):
        if left != right:
            break
        count += 1
    return count


def _is_mark(character: str) -> bool:
    return bool(character) and unicodedata.category(character).startswith("M")
