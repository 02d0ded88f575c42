"""Sentence vectors of rows, and the rows nearest to others by the cosine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from massive_kit.errors import ContentError, MissingDataError, Problem
from massive_kit.systems.retrieval.ranked_rows import RankedRows, best_rows, joined

Vectors = NDArray[np.float32]

FILE = "vectors.safetensors"
_ROWS, _MEAN = "rows", "mean."
# Most cosines at a time, so that even many rows take 100 MB and no more.
_MOST_SCORES = 25_000_000


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """The vectors of m rows.

    Attributes:
        vectors: Shape (m, width), of length 1, centred where there are means.
        means: By locale, what is subtracted from its vectors before they are compared; empty where
            vectors are compared as they are.
    """

    vectors: Vectors
    means: Mapping[str, Vectors] = field(default_factory=dict)

    @classmethod
    def of(
        cls, vectors: Vectors, locales: Sequence[str], means: Mapping[str, Vectors] | None = None
    ) -> VectorIndex:
        """The index of rows of some locales.

        Args:
            vectors: Shape (m, width), as an encoder gives them.
            locales: The locale of each row.
            means: The mean vector of each locale's text, where vectors are to be centred.
        """
        return cls(centred(vectors, locales, means or {}), means or {})

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.vectors)

    def nearest(self, vectors: Vectors, locales: Sequence[str], k: int) -> RankedRows:
        """The k nearest rows of each utterance, with their cosines.

        Args:
            vectors: Shape (n, width), as the encoder gives them.
            locales: The locale of each utterance.
            k: How many.
        """
        queries = centred(vectors, locales, self.means)
        step = max(1, _MOST_SCORES // max(1, len(self)))
        starts = range(0, max(1, len(queries)), step)
        return joined(
            [best_rows(queries[start : start + step] @ self.vectors.T, k) for start in starts]
        )

    def save(self, folder: Path) -> None:
        """Writes it into a folder."""
        from safetensors.numpy import save_file

        means = {f"{_MEAN}{locale}": mean for locale, mean in self.means.items()}
        save_file({_ROWS: np.ascontiguousarray(self.vectors), **means}, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> VectorIndex:
        """Reads it from a folder; nothing in the file is run.

        Raises:
            MissingDataError: There is no such file.
            ContentError: It cannot be read.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        path = folder / FILE
        if not path.is_file():
            raise MissingDataError(f"{path} not found; train again")
        try:
            tensors = load_file(path)
            vectors = tensors.pop(_ROWS)
        except (SafetensorError, OSError, KeyError, ValueError) as error:
            problem = Problem(str(path), f"cannot be read: {error}", "vectors", "train again")
            raise ContentError(f"{path} holds no vectors", [problem]) from None
        return cls(vectors, {name.removeprefix(_MEAN): mean for name, mean in tensors.items()})


def centred(vectors: Vectors, locales: Sequence[str], means: Mapping[str, Vectors]) -> Vectors:
    """Vectors of length 1 less the mean of their locale, and again of length 1.

    A language's vectors share a direction that says which language it is and nothing of what is
    meant. A locale without a mean takes the mean of all means.

    Args:
        vectors: Shape (n, width).
        locales: The locale of each.
        means: By locale; without any the vectors stay as they are.
    """
    unit = of_length_one(vectors)
    if not means or not len(unit):
        return unit
    common = np.mean([*means.values()], axis=0)
    return of_length_one(unit - np.stack([means.get(locale, common) for locale in locales]))


def of_length_one(vectors: Vectors) -> Vectors:
    """The vectors scaled to length 1; zero stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Vectors = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scaled
