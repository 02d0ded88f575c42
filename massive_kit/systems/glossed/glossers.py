"""What glosses texts: bilingual dictionaries, or an encoder that reads words as a source's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from massive_kit.data.lexicons.glossaries import Glossaries, GlossSettings
from massive_kit.data.lexicons.glossing import GlossedWord
from massive_kit.systems.interface import Utterance
from massive_kit.systems.lexicon_induction.nearest_words import FOLDER, NearestWords


class Glosser(Protocol):
    """What glosses texts."""

    @property
    def settings(self) -> GlossSettings:
        """What its glosses are for."""

    def glosses(self, utterances: Sequence[Utterance]) -> list[list[GlossedWord]]:
        """The words of each gloss; none for a text that is read as it is."""


@dataclass(frozen=True, slots=True)
class DictionaryGlosser:
    """Glosses by dictionaries.

    Attributes:
        glossaries: By locale, what stands for its words.
    """

    glossaries: Glossaries

    @property
    def settings(self) -> GlossSettings:
        """What its glosses are for."""
        return self.glossaries.settings

    def glosses(self, utterances: Sequence[Utterance]) -> list[list[GlossedWord]]:
        """Of texts of locales that have a glossary.

        Raises:
            DataError: A glossary is damaged.
        """
        glosses = []
        for utterance in utterances:
            glossary = self.glossaries.of(utterance.locale)
            glosses.append([] if glossary is None else glossary.gloss(utterance.tokens))
        return glosses


@dataclass(frozen=True, slots=True)
class EncoderGlosser:
    """Glosses by an encoder, token by token.

    Attributes:
        words: Reads tokens as words of the source.
        settings: What its glosses are for; texts of languages whose labels were learnt have none.
        characters: Locales whose tokens are characters, whose texts have none.
    """

    words: NearestWords
    settings: GlossSettings
    characters: frozenset[str] = frozenset()

    def glosses(self, utterances: Sequence[Utterance]) -> list[list[GlossedWord]]:
        """Of texts of languages whose labels were not learnt."""
        without = {self.settings.source, *self.settings.learnt, *self.characters}
        rows = [n for n, utterance in enumerate(utterances) if utterance.locale not in without]
        nearest = self.words.nearest([utterances[row].tokens for row in rows])
        glosses: list[list[GlossedWord]] = [[] for _ in utterances]
        for row, words in zip(rows, nearest, strict=True):
            glosses[row] = [GlossedWord(word, n, n + 1) for n, word in enumerate(words)]
        return glosses


def load_glosser(folder: Path, characters: Collection[str]) -> Glosser:
    """What is in a folder.

    Args:
        folder: The folder.
        characters: Locales whose tokens are characters.

    Raises:
        MissingDataError: There is nothing.
        DataError: It is damaged.
    """
    if (folder / FOLDER).is_dir():
        settings = GlossSettings.read(folder)
        return EncoderGlosser(NearestWords.load(folder / FOLDER), settings, frozenset(characters))
    return DictionaryGlosser(Glossaries.load(folder, characters))
