"""Translations from any language to any other, at one layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from massive_kit.schema.probe import AnyToAny

# Of each language; 51 of them at a width of 384 take 80 MB.
MOST_ROWS = 1000


class AnySearch:
    """Takes one language after the other, and searches each in all the others.

    Attributes:
        layer: Whose vectors are given.
    """

    def __init__(self, layer: int) -> None:
        self.layer = layer
        self._ids: dict[str, list[str]] = {}
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def add(self, locale: str, ids: Sequence[str], centred: NDArray[np.float32]) -> None:
        """Takes the vectors of a locale, less the mean of its language; the first of them."""
        vectors = centred[:MOST_ROWS]
        lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        self._ids[locale] = [*ids[:MOST_ROWS]]
        self._vectors[locale] = vectors / lengths

    def hits(self) -> AnyToAny:
        """How often the nearest candidate is the translation, for each two that share ids."""
        hits: dict[str, dict[str, float]] = {locale: {} for locale in self._ids}
        locales = [*self._ids]
        for position, one in enumerate(locales):
            for other in locales[position + 1 :]:
                if {*self._ids[one]}.isdisjoint(self._ids[other]):
                    continue
                cosines = self._vectors[one] @ self._vectors[other].T
                hits[one][other] = self._share(one, other, cosines)
                hits[other][one] = self._share(other, one, cosines.T)
        rows = max(map(len, self._ids.values()))
        return AnyToAny(layer=self.layer, rows=rows, hits=hits)

    def _share(self, queries: str, candidates: str, cosines: NDArray[np.float32]) -> float:
        row_of = {identity: row for row, identity in enumerate(self._ids[candidates])}
        gold = np.array([row_of.get(identity, -1) for identity in self._ids[queries]], np.int64)
        there = np.flatnonzero(gold >= 0)
        of_gold = cosines[there, gold[there]]
        return float((of_gold >= cosines.max(axis=1)[there]).mean())
