"""Words of any language read as words of a source: by what an encoder makes of both in context.

No dictionary, and no text of the other language: the source's words are the means of their hidden
states over its text, and a token of another language is what its own state is nearest to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from massive_kit.data.lexicons.coverage import has_letter
from massive_kit.data.ragged import offsets_of
from massive_kit.errors import ConfigError, DataError, MissingDataError, Problem
from massive_kit.files.jsonio import read_json, write_json
from massive_kit.systems.lexicon_induction.matching import Vectors
from massive_kit.systems.lexicon_induction.words_in_context import (
    ContextReader,
    ContextualWords,
    layers_of_length_one,
)
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

# Of a folder that says what glosses are for.
FOLDER = "words"
_ENCODER, _VECTORS, _ABOUT = "encoder", "words.safetensors", "words.json"
_FORMAT = "nearest-words-1"
# What the logarithm of a place among what may stand for something is divided by, beside cosines,
# and the cosine of what the source does not have.
_PLACES, _UNREAD = 5.0, 0.2
# Pairs whose cosines are taken at a time, since they take more memory than these.
_AT_A_TIME = 16384
# Of `words.json`, which has a word a line.
_MOST_BYTES = 1 << 24
_AGAIN = "make the run again with `massive-kit gloss`"


@dataclass(frozen=True, slots=True)
class NearestWords:
    """Reads tokens of any language as words of a source.

    Attributes:
        reader: Reads tokens in context.
        source: The source's words.
        cosine: Tokens that are less near to any stay as they are.
    """

    reader: ContextReader
    source: ContextualWords
    cosine: float
    # By what may stand for something: its vector, and whether the source has all of its words.
    _known: dict[str, tuple[Vectors, bool]] = field(default_factory=dict, compare=False, repr=False)
    _numbers: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    def nearest(
        self, rows: Sequence[Sequence[str]], progress: Callable[[int], None] = lambda _done: None
    ) -> list[list[str]]:
        """For each token of texts the word that is nearest, or the token itself.

        Args:
            rows: The tokens of each.
            progress: Called with the number of texts that were read.
        """
        words = self.nearest_to(self.vectors(rows, progress), [*chain.from_iterable(rows)])
        offsets = offsets_of([len(row) for row in rows])
        return [words[offsets[n] : offsets[n + 1]] for n in range(len(rows))]

    def vectors(
        self, rows: Sequence[Sequence[str]], progress: Callable[[int], None] = lambda _done: None
    ) -> Vectors:
        """Shape (tokens, layers x width), of the tokens of texts, text by text; 0 for what is cut.

        Args:
            rows: The tokens of each.
            progress: Called with the number of texts that were read.
        """
        states = self.reader.tokens(rows, progress)
        unread = ~states.any(axis=1)
        vectors = layers_of_length_one(states - self.source.mean, self.reader)
        vectors[unread] = 0
        return vectors

    def nearest_to(self, vectors: Vectors, tokens: Sequence[str]) -> list[str]:
        """For each token the word that is nearest, or the token itself.

        Args:
            vectors: Theirs, as `vectors` gives them.
            tokens: They.
        """
        # Each layer has a length of 1, so that this is the mean of their cosines.
        cosines = vectors @ self.source.vectors.T / len(self.reader.layers)
        best = cosines.argmax(axis=1) if len(cosines) else np.zeros(0, np.int64)
        near = cosines[np.arange(len(best)), best] >= self.cosine
        return [
            self.source.words[number] if is_near and has_letter(token) else token
            for token, number, is_near in zip(tokens, best, near, strict=True)
        ]

    def most_alike(self, spans: Sequence[Vectors], choices: Sequence[Sequence[str]]) -> list[str]:
        """Of what may stand for spans of texts, what is read most like each.

        Choices come in the order of how likely they are by themselves, and each counts by its
        cosine, less a fifth of the logarithm of its place. Of a span that was not read, the first.

        Args:
            spans: Of each the vectors of its tokens, shape (tokens, layers x width).
            choices: Of each the words, or several with spaces between, the likeliest first.
        """
        if not spans:
            return []
        means = layers_of_length_one(np.stack([span.mean(axis=0) for span in spans]), self.reader)
        counts = np.array([len(of_span) for of_span in choices])
        flat = [*chain.from_iterable(choices)]
        known = [self._vector(choice) for choice in flat]
        owners = np.repeat(np.arange(len(spans)), counts)
        cosines = np.empty(len(flat), np.float32)
        for start in range(0, len(flat), _AT_A_TIME):
            part = slice(start, start + _AT_A_TIME)
            vectors = np.stack([vector for vector, _ in known[part]])
            cosines[part] = np.einsum("ij,ij->i", means[owners[part]], vectors)
        cosines /= len(self.reader.layers)
        cosines[~np.array([is_known for _, is_known in known])] = _UNREAD
        starts = offsets_of(counts)[:-1]
        ranks = np.arange(1, len(flat) + 1) - starts[owners]
        scores = cosines - np.log(ranks) / _PLACES
        scores[~np.array([span.any() for span in spans])[owners]] = 0
        # Of each span the first of its best.
        order = np.lexsort((ranks, -scores, owners))
        return [flat[number] for number in order[starts]]

    def _vector(self, choice: str) -> tuple[Vectors, bool]:
        """That of a word, or the mean of several, and whether the source has them."""
        if choice not in self._known:
            if not self._numbers:
                self._numbers.update((word, n) for n, word in enumerate(self.source.words))
            numbers = [self._numbers.get(word) for word in choice.split()]
            has_all = None not in numbers
            mean = self.source.vectors[[n for n in numbers if n is not None]].sum(axis=0)
            self._known[choice] = layers_of_length_one(mean[None], self.reader)[0], has_all
        return self._known[choice]

    def save(self, folder: Path) -> None:
        """Writes the encoder and the words into a new folder."""
        folder.mkdir()
        self.reader.encoder.save(folder / _ENCODER)
        arrays = {
            "vectors": self.source.vectors,
            "mean": self.source.mean,
            "counts": self.source.counts,
        }
        save_file(arrays, folder / _VECTORS)
        about = {
            "words": self.source.words,
            "layers": self.reader.layers,
            "cosine": self.cosine,
            "encoder": self.reader.encoder.settings.model_dump(exclude={"base", "revision"}),
        }
        write_json(folder / _ABOUT, {"format": _FORMAT, **about})

    @classmethod
    def load(cls, folder: Path) -> NearestWords:
        """Those in a folder; nothing in it is run.

        Raises:
            MissingDataError: There are none.
            DataError: They are damaged.
        """
        path = folder / _ABOUT
        if not path.is_file():
            raise MissingDataError(f"{folder} holds no {_ABOUT}; {_AGAIN}")
        vectors = folder / _VECTORS
        if not vectors.is_file():
            raise MissingDataError(f"{folder} holds no {_VECTORS}; {_AGAIN}")
        try:
            arrays = load_file(vectors)
        except (ValueError, OSError, SafetensorError):
            raise _damaged(vectors, "something else", "vectors in safetensors") from None
        try:
            about = read_json(path) if path.stat().st_size <= _MOST_BYTES else None
            return cls._of(folder, about, arrays)
        except (AttributeError, KeyError, TypeError, ValueError, OSError):
            raise _damaged(path, "something else", f"a file of format {_FORMAT}") from None

    @classmethod
    def _of(cls, folder: Path, about: Any, arrays: dict[str, Any]) -> NearestWords:
        settings = SentenceEncoderSettings(base=str(folder / _ENCODER), **about["encoder"])
        layers = tuple(map(int, about["layers"]))
        try:
            encoder = SentenceEncoder.saved(folder / _ENCODER, settings)
        except (MissingDataError, ConfigError) as error:
            found = str(error)
            raise _damaged(folder / _ENCODER, found, "the encoder that glosses") from None
        reader = ContextReader(encoder, layers)
        words = tuple(map(str, about["words"]))
        width = len(layers) * reader.width
        vectors, mean = np.asarray(arrays["vectors"]), np.asarray(arrays["mean"])
        deepest = int(reader.encoder.body.config.num_hidden_layers)
        fits = (
            about["format"] == _FORMAT
            and vectors.shape == (len(words), width)
            and mean.shape == (width,)
            and arrays["counts"].shape == (len(words),)
            and all(0 <= layer < deepest for layer in layers)
            and bool(layers)
            and bool(words)
        )
        if not fits:
            raise ValueError(_FORMAT)
        source = ContextualWords(
            words, arrays["counts"], vectors.astype(np.float32), mean.astype(np.float32)
        )
        return cls(reader, source, float(about["cosine"]))


def _damaged(path: Path, found: str, expected: str) -> DataError:
    return DataError(f"{path.parent} cannot be read", [Problem(str(path), found, expected, _AGAIN)])
