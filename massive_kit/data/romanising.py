"""Words of any script in Latin letters, one at a time."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

from massive_kit.data.tokens import split
from massive_kit.errors import MissingExtraError
from massive_kit.languages.subtags import read_tag
from massive_kit.languages.typology.table import TypologyTable

_LATIN = ("LATIN ", "COMBINING ")


class Transliterator(Protocol):
    """What writes text in Latin letters: `uroman.Uroman`."""

    def romanize_string(self, s: str, lcode: str | None = None) -> Any:
        """A text in Latin letters, by the rules of a language of ISO 639."""


@dataclass(frozen=True, slots=True)
class Romaniser:
    """Writes tokens in Latin letters, so that each stays one token.

    Attributes:
        name: The program and its version.
        program: What writes.
    """

    name: str
    program: Transliterator
    _known: dict[tuple[str, str, bool], str] = field(default_factory=dict, repr=False)

    @classmethod
    def uroman(cls) -> Romaniser:
        """The universal romaniser (Hermjakob, May and Knight 2018).

        Raises:
            MissingExtraError: It is not installed.
        """
        try:
            from uroman import Uroman
        except ImportError:
            raise MissingExtraError("romanise", "writing text in Latin letters") from None
        return cls(_program_name("uroman"), Uroman())

    def tokens(self, tokens: Sequence[str], locale: str, *, characters: bool) -> list[str]:
        """The tokens of an utterance in Latin letters, as many as they were.

        What is in Latin letters already, or in ASCII, stays as it is, accents included; so does a
        token of which nothing or no single token would be left.

        Args:
            tokens: Of an utterance.
            locale: Its language, some of which have rules of their own.
            characters: Whether it is scored by character.
        """
        code = _iso_code(locale)
        return [self._token(token, code, characters) for token in tokens]

    def _token(self, token: str, code: str, characters: bool) -> str:
        if token.isascii():
            return token
        key = (token, code, characters)
        if key not in self._known:
            written = token
            if not all(map(_is_latin, token)):
                written = "".join(str(self.program.romanize_string(token, lcode=code)).split())
            whole = split(written, characters=characters) == [written]
            self._known[key] = written if whole else token
        return self._known[key]


def _is_latin(sign: str) -> bool:
    """Whether a sign is written in Latin script, or is neither letter, mark nor number."""
    if unicodedata.category(sign)[0] not in "LMN":
        return True
    return sign.isascii() or unicodedata.name(sign, "").startswith(_LATIN)


def _iso_code(locale: str) -> str:
    """ISO 639-3 as romanisers know it: of the macrolanguage, where there is one (`fas`)."""
    typology = TypologyTable.shipped().get(locale)
    if typology is not None:
        return typology.macrolanguage or typology.code
    tag = read_tag(locale)
    return tag.language if tag else locale


def _program_name(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return package
