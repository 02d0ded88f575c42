"""The text of another language that is nearest to what was said, by sentence vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from massive_kit.feedback.carrying import Match
from massive_kit.schema.resources import Resource
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder
from massive_kit.systems.retrieval.vector_index import VectorIndex, Vectors


@dataclass(frozen=True, slots=True)
class NearestTexts:
    """Rows that are nearest to a text, where the text is nearest to them, too.

    Vectors are centred by language; see `massive_kit.systems.retrieval.vector_index`.

    Attributes:
        encoder: What makes vectors.
        cosine: The least cosine of both.
    """

    encoder: SentenceEncoder
    cosine: float
    _known: dict[tuple[str, int], Vectors] = field(default_factory=dict)

    @property
    def resource(self) -> Resource | None:
        """Nothing beside the text."""
        return None

    def matches(
        self, locale: str, texts: Sequence[str], target: str, rows: pa.Table
    ) -> Iterator[Match]:
        """Those that are nearest to each other."""
        if not texts or not len(rows):
            return
        said = self._vectors(locale, texts)
        others = self._vectors(target, rows["utt"].to_pylist())
        means = {locale: said.mean(axis=0), target: others.mean(axis=0)}
        said_index = VectorIndex.of(said, [locale] * len(said), means)
        other_index = VectorIndex.of(others, [target] * len(others), means)
        nearest = other_index.nearest(said, [locale] * len(said), 1)
        back = said_index.nearest(others, [target] * len(others), 1).rows[:, 0]
        for place, (row, cosine) in enumerate(
            zip(nearest.rows[:, 0].tolist(), nearest.scores[:, 0].tolist(), strict=True)
        ):
            if back[row] == place and cosine >= self.cosine:
                yield Match(place, row, min(1.0, max(0.0, cosine)))

    def _vectors(self, locale: str, texts: Sequence[str]) -> Vectors:
        """Those of a locale's text, which several others are compared with."""
        key = (locale, hash(tuple(texts)))
        if key not in self._known:
            self._known[key] = self.encoder.vectors(texts)
        return self._known[key]
