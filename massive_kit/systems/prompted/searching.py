"""Searches frozen demonstrations for those that are like an utterance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from massive_kit.errors import MassiveKitError, MissingExtraError
from massive_kit.systems.prompted.demonstration import Demonstration
from massive_kit.systems.prompted.recipe import PromptedRecipe
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.lexical_index import LexicalIndex

if TYPE_CHECKING:
    from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

# A vector that is made again may differ by what number formats lose.
_SAME = 0.99


class Search(Protocol):
    """Finds the rows of a locale that are most like texts."""

    def best(self, locale: str, texts: Sequence[str], k: int) -> list[list[int]]:
        """For each text the positions of at most k rows among those of the locale, best first."""


@dataclass(frozen=True)
class LexicalSearch:
    """By character n-grams.

    Attributes:
        rows: The rows of each locale.
    """

    rows: dict[str, list[Demonstration]]
    _indices: dict[str, LexicalIndex] = field(default_factory=dict)

    def best(self, locale: str, texts: Sequence[str], k: int) -> list[list[int]]:
        """For each text the positions of at most k rows among those of the locale, best first."""
        if locale not in self._indices:
            self._indices[locale] = LexicalIndex.of([row.text for row in self.rows[locale]])
        ranked = self._indices[locale].nearest(texts, k)
        return [ranked.of(i) for i in range(len(texts))]


class VectorSearch:
    """By the vectors of an encoder; those of the rows were made when the run was prepared."""

    def __init__(
        self,
        rows: dict[str, list[Demonstration]],
        folder: Path,
        settings: SentenceEncoderSettings,
        precision: str,
    ) -> None:
        """Loads vectors and encoder.

        Raises:
            MassiveKitError: The encoder or the vectors are not there, or not those of the run.
        """
        from massive_kit.systems.retrieval.vector_index import VectorIndex

        self._encoder = load_encoder(settings, precision)
        vectors = VectorIndex.load(folder).vectors
        counts = [len(of_locale) for of_locale in rows.values()]
        texts = [of_locale[0].text for of_locale in rows.values() if of_locale]
        again = self._encoder.vectors(texts[:1])
        if len(vectors) != sum(counts) or (again * vectors[: len(again)]).sum(1).min() < _SAME:
            raise MassiveKitError(
                f"the encoder {settings.base} is not the one that the run was prepared with"
            )
        parts = np.split(vectors, np.cumsum(counts)[:-1])
        self._indices = {
            locale: VectorIndex(part) for locale, part in zip(rows, parts, strict=True)
        }

    def best(self, locale: str, texts: Sequence[str], k: int) -> list[list[int]]:
        """For each text the positions of at most k rows among those of the locale, best first."""
        vectors = self._encoder.vectors(texts)
        ranked = self._indices[locale].nearest(vectors, [locale] * len(texts), k)
        return [ranked.of(i) for i in range(len(texts))]


def load_encoder(settings: SentenceEncoderSettings, precision: str) -> SentenceEncoder:
    """The encoder that finds demonstrations.

    Raises:
        MissingExtraError: The packages that run it are not installed.
        MissingDataError: It is not found.
    """
    try:
        from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder
    except ImportError:
        raise MissingExtraError("train", "finding demonstrations by vectors") from None
    return SentenceEncoder.load(settings, precision)


def search_of(
    recipe: PromptedRecipe, rows: dict[str, list[Demonstration]], folder: Path
) -> Search | None:
    """What searches the demonstrations as a recipe says; `None` where they are drawn.

    Args:
        recipe: The recipe.
        rows: The rows of each locale, in the order in which they are frozen.
        folder: The model folder of the run.

    Raises:
        MassiveKitError: The encoder or the vectors are not there, or not those of the run.
    """
    settings = recipe.demonstrations
    if not settings.count or settings.choose not in {"lexical", "nearest"}:
        return None
    if settings.vectors is None:
        return LexicalSearch(rows)
    return VectorSearch(rows, folder, settings.vectors, recipe.model.precision)
