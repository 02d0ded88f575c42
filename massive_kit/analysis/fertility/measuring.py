"""How many subwords a language's text takes, and what of it a tokenizer does not know."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from massive_kit.analysis.fertility.tokenizer_file import unknown_subword

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

    from massive_kit.analysis.fertility.language_text import LanguageText

# What SentencePiece falls back on, a subword for each byte.
_BYTE = re.compile(r"<0x[0-9A-Fa-f]{2}>")


@dataclass(frozen=True, slots=True)
class Fertility:
    """What a tokenizer makes of the text of a language.

    Attributes:
        utterances: How many there are.
        tokens: Words, or characters where these are scored.
        characters: Code points that are no white space.
        subwords: Subwords of all utterances, special ones left out.
        unknown_subwords: Those that stand for what the tokenizer does not know.
        unknown_characters: How often each character occurs that it does not know.
        characters_in_bytes: Characters that it cuts into bytes.
        relative_length: Subwords for each subword of the same utterances in the language that all
            are compared with; `None` where no utterance is the same.
    """

    utterances: int
    tokens: int
    characters: int
    subwords: int
    unknown_subwords: int
    unknown_characters: Counter[str] = field(default_factory=Counter)
    characters_in_bytes: int = 0
    relative_length: float | None = None

    @property
    def subwords_per_token(self) -> float:
        """Its fertility."""
        return self.subwords / max(1, self.tokens)

    @property
    def subwords_per_character(self) -> float:
        """Above 1 where characters are cut into bytes."""
        return self.subwords / max(1, self.characters)

    @property
    def unknown_subword_share(self) -> float:
        """Share of the subwords, in 0..1."""
        return self.unknown_subwords / max(1, self.subwords)

    @property
    def unknown_character_share(self) -> float:
        """Share of the characters, in 0..1."""
        return sum(self.unknown_characters.values()) / max(1, self.characters)

    @property
    def in_bytes_share(self) -> float:
        """Share of the characters, in 0..1."""
        return self.characters_in_bytes / max(1, self.characters)


def fertility(
    tokenizer: Tokenizer, text: LanguageText, against: LanguageText | None = None
) -> Fertility:
    """Counts subwords of a text, and what of it is unknown.

    Args:
        tokenizer: As `open_tokenizer` gives it.
        text: Of a language.
        against: Text of the language that all are compared with.
    """
    unknown, byte_level = unknown_subword(tokenizer), _is_byte_level(tokenizer)
    encodings = _encoded(tokenizer, text.utterances)
    pairs = [*zip(text.utterances, encodings, strict=True)]
    beneath = Counter(
        character
        for utterance, encoding in pairs
        for character in _beneath_unknown(utterance, encoding, unknown)
    )
    # WordPiece gives up a word for one character that it does not know.
    alone = {
        character
        for character, encoding in zip(beneath, _encoded(tokenizer, [*beneath]), strict=True)
        if unknown in encoding.ids
    }
    return Fertility(
        utterances=len(text.utterances),
        tokens=sum(text.tokens),
        characters=sum(len("".join(utterance.split())) for utterance in text.utterances),
        subwords=sum(len(encoding.ids) for encoding in encodings),
        unknown_subwords=sum(
            number == unknown for encoding in encodings for number in encoding.ids
        ),
        unknown_characters=Counter(
            {name: times for name, times in beneath.items() if name in alone}
        ),
        characters_in_bytes=sum(
            _in_bytes(utterance, encoding, byte_level=byte_level) for utterance, encoding in pairs
        ),
        relative_length=_relative_length(tokenizer, text, against),
    )


def _encoded(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Encoding]:
    encodings: list[Encoding] = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return encodings


def _is_byte_level(tokenizer: Tokenizer) -> bool:
    return "ByteLevel(" in repr(tokenizer.pre_tokenizer)


def _beneath_unknown(utterance: str, encoding: Encoding, unknown: int | None) -> Iterator[str]:
    """The characters of a text that stand where its tokenizer knows no subword."""
    for number, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
        if number == unknown:
            yield from (sign for sign in utterance[start:end] if not sign.isspace())


def _in_bytes(utterance: str, encoding: Encoding, *, byte_level: bool) -> int:
    """How many characters of a text are cut into bytes."""
    subwords_of = [0] * len(utterance)
    byte_places = set()
    for subword, (start, end) in zip(encoding.tokens, encoding.offsets, strict=True):
        if byte_level:
            for place in range(start, end):
                subwords_of[place] += 1
        elif _BYTE.fullmatch(subword):
            byte_places |= {*range(start, end)}
    cut = {place for place, count in enumerate(subwords_of) if count > 1} | byte_places
    return sum(not utterance[place].isspace() for place in cut)


def _relative_length(
    tokenizer: Tokenizer, text: LanguageText, against: LanguageText | None
) -> float | None:
    shared = frozenset(text.ids) & frozenset(against.ids) if against else frozenset()
    if against is None or not shared:
        return None
    lengths = [
        sum(len(encoding.ids) for encoding in _encoded(tokenizer, side.only(shared)))
        for side in (text, against)
    ]
    return lengths[0] / max(1, lengths[1])
