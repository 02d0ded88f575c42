"""The dictionaries of a source language that a frozen encoder brings, one for each script."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from massive_kit.systems.lexicon_induction.matching import Matching, Vectors, matches
from massive_kit.systems.lexicon_induction.vocabulary import words_by_script
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

# Words between two reports of progress.
_STEP = 4096


@dataclass(frozen=True, slots=True)
class InducedPair:
    """A word and its translation.

    Attributes:
        word: In lower case.
        translation: As the vocabulary spells it.
        margin: By how much it is nearer than others, as `matching` has it.
    """

    word: str
    translation: str
    margin: float


@dataclass(frozen=True, slots=True)
class WordInduction:
    """What translates words.

    Attributes:
        encoder: A frozen encoder.
        candidates: The words of its vocabulary, by script.
        settings: What counts as a translation.
    """

    encoder: SentenceEncoder
    candidates: dict[str, list[str]]
    settings: Matching

    @classmethod
    def of(
        cls,
        encoder: SentenceEncoder,
        text_words: Collection[str],
        scripts: Sequence[str],
        settings: Matching,
    ) -> WordInduction:
        """With the vocabulary of an encoder but for the words of the source.

        Args:
            encoder: A frozen encoder.
            text_words: All words of the source's text, in lower case, which translate nothing.
            scripts: As `words_by_script` takes them.
            settings: What counts as a translation.

        Raises:
            ConfigError: The encoder's vocabulary does not say where words begin.
        """
        known = {*text_words}
        candidates = {
            script: [word for word in listed if word.lower() not in known]
            for script, listed in words_by_script(encoder.tokenizer, scripts).items()
        }
        return cls(encoder, candidates, settings)

    @property
    def count(self) -> int:
        """How many words of the vocabulary there are."""
        return sum(map(len, self.candidates.values()))

    def pairs(
        self, words: Sequence[str], progress: Callable[[int], None]
    ) -> Iterator[tuple[str, list[InducedPair]]]:
        """Each script with its dictionary, word by word, the nearest translation first.

        Args:
            words: Those of the source, in lower case.
            progress: Called with the number of words that were encoded.
        """
        vectors = self._vectors(words, progress)
        for script, candidates in self.candidates.items():
            others = self._vectors(candidates, progress)
            yield (
                script,
                [
                    InducedPair(words[match.word], candidates[match.translation], match.margin)
                    for match in matches(vectors, others, self.settings)
                ],
            )

    def _vectors(self, words: Sequence[str], progress: Callable[[int], None]) -> Vectors:
        steps = []
        for start in range(0, len(words), _STEP):
            step = words[start : start + _STEP]
            steps.append(self.encoder.vectors(step))
            progress(len(step))
        if not steps:
            return np.zeros((0, int(self.encoder.body.config.hidden_size)), np.float32)
        return np.concatenate(steps)
