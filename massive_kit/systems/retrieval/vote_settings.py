"""How the nearest rows vote, and what their vectors are centred by."""

from __future__ import annotations

from pydantic import Field

from massive_kit.schema.config import Strict
from massive_kit.systems.language_text import LanguageText


class Vote(Strict):
    """How the nearest rows become an intent.

    Attributes:
        k: How many rows vote.
        temperature: How fast a row's weight falls with its distance: it is the exponential of its
            cosine over the temperature; a very large one gives all rows the same weight.
    """

    k: int = Field(default=10, ge=1, le=10_000)
    temperature: float = Field(default=0.05, gt=0)


class Centring(LanguageText):
    """Text without labels whose mean vector is subtracted, language by language.

    Attributes:
        partition: The partition that the text is taken from; its labels are not read.
        rows: Most utterances of a language, drawn at random.
    """
