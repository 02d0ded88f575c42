"""Finds where in an utterance the words are that a model wrote, in whatever spelling."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

# How alike words must be that are not the same, and so many letters of them are compared.
_ALIKE = 0.75
_FEWEST, _MOST = 3, 200
# Of as many Chinese characters half may be variants of the others.
_ALIKE_CHARACTERS = 0.5
# Letters that Unicode keeps apart, and writers do not.
_VARIANTS = str.maketrans(
    # Arabic and Persian letters, the stroke that stretches a word, quotation marks and dashes.
    "\u0649\u064a\u0643\u0629\u0623\u0625\u0622\u0640\u2019\u2018\u00b4`\u201c\u201d\u2013\u2014",
    "\u06cc\u06cc\u06a9\u0647\u0627\u0627\u0627\u0640''''\"\"--",
)


@dataclass(frozen=True)
class ValuePlaces:
    """An utterance in which values are looked for.

    Attributes:
        text: As it is written.
        places: Where its tokens begin and end.
    """

    text: str
    places: Sequence[tuple[int, int]]

    def find(self, value: str, taken: Collection[int] = (), after: int = 0) -> range | None:
        """The tokens that a value is, or `None`.

        The same letters win over the same letters without accents and punctuation, and these over
        letters that are alike; of several places, one that whole tokens fill, then one from token
        `after` on, then the first.

        Args:
            value: What a model wrote.
            taken: Tokens that are of other slots.
            after: Where the value before ended.
        """
        for folded, fold in ((self._exact, _exact), (self._bare, _bare)):
            wanted = "".join(letter for letter, _ in fold(value[:_MOST]))
            found = [tokens for tokens in folded.all(wanted) if not {*tokens.tokens} & {*taken}]
            if found:
                best = min(found, key=lambda place: (not place.whole, place.tokens.start < after))
                return best.tokens
        return self._alike(value[:_MOST], taken)

    @cached_property
    def _exact(self) -> _FoldedText:
        return _FoldedText.of(self.text, self.places, _exact)

    @cached_property
    def _bare(self) -> _FoldedText:
        return _FoldedText.of(self.text, self.places, _bare)

    def _alike(self, value: str, taken: Collection[int]) -> range | None:
        wanted = "".join(letter for letter, _ in _bare(value))
        ideographs = len(wanted) > 1 and any(map(_is_ideograph, wanted))
        if len(wanted) < _FEWEST and not ideographs:
            return None
        least = _ALIKE_CHARACTERS if ideographs else _ALIKE
        best: list[tuple[float, range]] = []
        for tokens in self._windows(len(wanted), taken):
            letters = self._bare.of_tokens(tokens)
            if ideographs and len(letters) != len(wanted):
                continue
            matcher = SequenceMatcher(None, wanted, letters, autojunk=False)
            if matcher.quick_ratio() >= least and (ratio := matcher.ratio()) >= least:
                best.append((ratio, tokens))
        best.sort(key=lambda pair: -pair[0])
        # Two places that are alike alike say nothing.
        if not best or (len(best) > 1 and best[0][0] == best[1][0]):
            return None
        return best[0][1]

    def _windows(self, letters: int, taken: Collection[int]) -> Iterator[range]:
        """Stretches of free tokens of about so many letters."""
        for start in range(min(len(self.places), _MOST)):
            length = 0
            for end in range(start, len(self.places)):
                length += len(self._bare.of_tokens(range(end, end + 1)))
                if end in taken or length > letters * 2:
                    break
                if length * 2 >= letters:
                    yield range(start, end + 1)


@dataclass(frozen=True, slots=True)
class _Place:
    """Tokens that hold a value; `whole` if it fills them."""

    tokens: range
    whole: bool


@dataclass(frozen=True)
class _FoldedText:
    """A text with what makes no difference left out.

    Attributes:
        letters: What is left.
        tokens: The token of each letter.
    """

    letters: str
    tokens: Sequence[int]

    @classmethod
    def of(
        cls,
        text: str,
        places: Sequence[tuple[int, int]],
        fold: Callable[[str], Iterator[tuple[str, int]]],
    ) -> _FoldedText:
        letters: list[str] = []
        tokens: list[int] = []
        for number, (start, end) in enumerate(places):
            for letter, _ in fold(text[start:end]):
                letters.append(letter)
                tokens.append(number)
        return cls("".join(letters), tokens)

    def all(self, wanted: str) -> Iterator[_Place]:
        """Every place where letters stand."""
        start = self.letters.find(wanted) if wanted else -1
        while start >= 0:
            end = start + len(wanted)
            first, last = self.tokens[start], self.tokens[end - 1]
            begins = start == 0 or self.tokens[start - 1] != first
            ends = end == len(self.letters) or self.tokens[end] != last
            yield _Place(range(first, last + 1), begins and ends)
            start = self.letters.find(wanted, start + 1)

    def of_tokens(self, tokens: range) -> str:
        """The letters of some tokens."""
        spans = self._spans
        return "".join(self.letters[slice(*spans[token])] for token in tokens if token in spans)

    @cached_property
    def _spans(self) -> dict[int, tuple[int, int]]:
        spans: dict[int, tuple[int, int]] = {}
        for at, token in enumerate(self.tokens):
            spans[token] = (spans.get(token, (at, at))[0], at + 1)
        return spans


def _exact(text: str) -> Iterator[tuple[str, int]]:
    """The letters of a text in one case and width, each with the place that it comes from."""
    for at, character in enumerate(text):
        for letter in unicodedata.normalize("NFKC", character).casefold():
            if not letter.isspace():
                digit = unicodedata.decimal(letter, None)
                yield (letter if digit is None else str(digit)), at


def _bare(text: str) -> Iterator[tuple[str, int]]:
    """As `_exact`, without accents, vowel points and punctuation, and variants as one."""
    for letter, at in _exact(text):
        for part in unicodedata.normalize("NFKD", letter.translate(_VARIANTS)):
            if part.isalnum() or unicodedata.category(part) == "Mc":
                yield part, at


def _is_ideograph(letter: str) -> bool:
    return "\u3400" <= letter <= "\u9fff" or "\U00020000" <= letter <= "\U0003ffff"
