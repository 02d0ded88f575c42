"""Words of any language read as words of a source: by what an encoder makes of both in context.

No dictionary, and no text of the other language: the source's words are the means of their hidden
states over its text, and a token of another language is what its own state is nearest to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from massive_kit.data.lexicons.coverage import has_letter
from massive_kit.data.ragged import offsets_of
from massive_kit.errors import DataError, MissingDataError, Problem
from massive_kit.files.jsonio import read_json, write_json
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

    def nearest(
        self, rows: Sequence[Sequence[str]], progress: Callable[[int], None] = lambda _done: None
    ) -> list[list[str]]:
        """For each token of texts the word that is nearest, or the token itself.

        Args:
            rows: The tokens of each.
            progress: Called with the number of texts that were read.
        """
        vectors = layers_of_length_one(
            self.reader.tokens(rows, progress) - self.source.mean, self.reader
        )
        # Each layer has a length of 1, so that this is the mean of their cosines.
        cosines = vectors @ self.source.vectors.T / len(self.reader.layers)
        best = cosines.argmax(axis=1) if len(cosines) else np.zeros(0, np.int64)
        near = cosines[np.arange(len(best)), best] >= self.cosine
        words = [
            self.source.words[number] if is_near and has_letter(token) else token
            for token, number, is_near in zip(
                (token for row in rows for token in row), best, near, strict=True
            )
        ]
        offsets = offsets_of([len(row) for row in rows])
        return [words[offsets[n] : offsets[n + 1]] for n in range(len(rows))]

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
        try:
            about = read_json(path) if path.stat().st_size <= _MOST_BYTES else None
            arrays = load_file(folder / _VECTORS)
            return cls._of(folder, about, arrays)
        except (AttributeError, KeyError, TypeError, ValueError, OSError, SafetensorError):
            problem = Problem(str(path), "something else", f"a file of format {_FORMAT}", _AGAIN)
            raise DataError(f"{folder} cannot be read", [problem]) from None

    @classmethod
    def _of(cls, folder: Path, about: Any, arrays: dict[str, Any]) -> NearestWords:
        settings = SentenceEncoderSettings(base=str(folder / _ENCODER), **about["encoder"])
        layers = tuple(map(int, about["layers"]))
        reader = ContextReader(SentenceEncoder.saved(folder / _ENCODER, settings), layers)
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
            and bool(words)
        )
        if not fits:
            raise ValueError(_FORMAT)
        source = ContextualWords(
            words, arrays["counts"], vectors.astype(np.float32), mean.astype(np.float32)
        )
        return cls(reader, source, float(about["cosine"]))
