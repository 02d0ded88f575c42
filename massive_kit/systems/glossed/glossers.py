"""What glosses texts: dictionaries, an encoder that reads words as a source's, or both."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from massive_kit.data.lexicons.glossaries import Glossaries, GlossSettings
from massive_kit.data.lexicons.glossing import FoundEntry, GlossedWord
from massive_kit.data.ragged import offsets_of
from massive_kit.systems.interface import Utterance
from massive_kit.systems.lexicon_induction.nearest_words import FOLDER, NearestWords

# Texts that are glossed at a time, since the states of their tokens take memory.
_AT_A_TIME = 4096


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
        glossaries = [self.glossaries.of(utterance.locale) for utterance in utterances]
        return [
            [] if glossary is None else glossary.gloss(utterance.tokens)
            for glossary, utterance in zip(glossaries, utterances, strict=True)
        ]

    def found(self, utterance: Utterance) -> list[FoundEntry]:
        """The entries that a text is made of; none where the locale has no glossary.

        Raises:
            DataError: A glossary is damaged.
        """
        glossary = self.glossaries.of(utterance.locale)
        return [] if glossary is None else glossary.found(utterance.tokens)


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
        rows = [n for n, utterance in enumerate(utterances) if self.reads(utterance.locale)]
        glosses: list[list[GlossedWord]] = [[] for _ in utterances]
        for start in range(0, len(rows), _AT_A_TIME):
            part = rows[start : start + _AT_A_TIME]
            nearest = self.words.nearest([utterances[row].tokens for row in part])
            for row, words in zip(part, nearest, strict=True):
                glosses[row] = [GlossedWord(word, n, n + 1) for n, word in enumerate(words)]
        return glosses

    def reads(self, locale: str) -> bool:
        """Whether it glosses texts of a language."""
        settings = self.settings
        known = locale == settings.source or locale in settings.learnt
        return not known and locale not in self.characters


@dataclass(frozen=True, slots=True)
class JointGlosser:
    """Glosses by dictionaries and an encoder together.

    Of several words that may stand for one, the encoder takes what it reads most like it in its
    text, and tokens that the dictionaries lack it glosses alone. Where tokens are characters, it
    has no say; of a token that several words are found in, all are compared with the token.

    Attributes:
        dictionaries: They; where a locale has none, the encoder glosses its texts alone.
        encoder: It.
    """

    dictionaries: DictionaryGlosser
    encoder: EncoderGlosser

    @property
    def settings(self) -> GlossSettings:
        """What its glosses are for."""
        return self.dictionaries.settings

    def glosses(self, utterances: Sequence[Utterance]) -> list[list[GlossedWord]]:
        """Of texts of locales that have a glossary, or that the encoder reads.

        Raises:
            DataError: A glossary is damaged.
        """
        glosses: list[list[GlossedWord]] = []
        for start in range(0, len(utterances), _AT_A_TIME):
            glosses += self._glosses(utterances[start : start + _AT_A_TIME])
        return glosses

    def _glosses(self, utterances: Sequence[Utterance]) -> list[list[GlossedWord]]:
        found = [
            self.dictionaries.found(utterance) or self._unknown(utterance)
            for utterance in utterances
        ]
        open_entries = [
            [entry for entry in entries if self._is_open(entry, utterance.locale)]
            for utterance, entries in zip(utterances, found, strict=True)
        ]
        rows = [n for n, entries in enumerate(open_entries) if entries]
        choices = self._choices(
            [utterances[row].tokens for row in rows], [open_entries[row] for row in rows]
        )
        glosses: list[list[GlossedWord]] = [[] for _ in utterances]
        for gloss, utterance, entries in zip(glosses, utterances, found, strict=True):
            for entry in entries:
                is_open = self._is_open(entry, utterance.locale)
                gloss.extend(entry.glossed(next(choices) if is_open else None))
        return glosses

    def _unknown(self, utterance: Utterance) -> list[FoundEntry]:
        """The tokens of a text that no dictionary is for."""
        if not self.encoder.reads(utterance.locale):
            return []
        tokens = enumerate(utterance.tokens)
        return [FoundEntry((token,), n, n + 1, known=False) for n, token in tokens]

    def _is_open(self, entry: FoundEntry, locale: str) -> bool:
        """Whether the encoder has a say in what stands for an entry."""
        if entry.known:
            return len(entry.choices) > 1 and locale not in self.encoder.characters
        return self.encoder.reads(locale)

    def _choices(
        self, rows: Sequence[Sequence[str]], entries: Sequence[Sequence[FoundEntry]]
    ) -> Iterator[str]:
        """What stands for the entries of texts, one after the other.

        Args:
            rows: The tokens of each text.
            entries: Of each text.
        """
        words, offsets = self.encoder.words, offsets_of([len(row) for row in rows])
        vectors = words.vectors(rows)
        flat = [
            (entry, vectors[start + entry.start : start + entry.end])
            for start, of_row in zip(offsets[:-1].tolist(), entries, strict=True)
            for entry in of_row
        ]
        known = [(entry.choices, span) for entry, span in flat if entry.known]
        unknown = [(entry.choices[0], span[0]) for entry, span in flat if not entry.known]
        chosen = iter(words.most_alike([span for _, span in known], [of for of, _ in known]))
        width = vectors.shape[1]
        spans = np.array([span for _, span in unknown], np.float32).reshape(-1, width)
        filled = iter(words.nearest_to(spans, [token for token, _ in unknown]))
        return (next(chosen if entry.known else filled) for entry, _ in flat)


def load_glosser(folder: Path, characters: Collection[str]) -> Glosser:
    """What is in a folder.

    Args:
        folder: The folder.
        characters: Locales whose tokens are characters.

    Raises:
        MissingDataError: There is nothing, or a part of it is missing.
        DataError: It is damaged.
    """
    settings = GlossSettings.read(folder)
    has_encoder = (folder / FOLDER).is_dir()
    if not has_encoder and not settings.joint:
        return DictionaryGlosser(Glossaries.load(folder, characters))
    encoder = EncoderGlosser(NearestWords.load(folder / FOLDER), settings, frozenset(characters))
    if not settings.joint:
        return encoder
    return JointGlosser(DictionaryGlosser(Glossaries.load(folder, characters)), encoder)
