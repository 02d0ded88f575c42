"""Probes an encoder: language after language, each text passed through once for all layers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massive_kit.analysis.any_to_any import AnySearch
from massive_kit.analysis.centroids import class_means, nearest_direction, nearest_mean
from massive_kit.analysis.language_map import language_map
from massive_kit.analysis.layer_vectors import LayerVectors, encoded, layer_vectors
from massive_kit.analysis.probed_rows import Choices, LocaleRows, RowChoice, numbered
from massive_kit.analysis.retrieval import HitCounts, Searched, retrieval
from massive_kit.languages import LanguageTable
from massive_kit.schema.probe import Hits, LayerProbe, LocaleProbe, Probe
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder

# Texts that are through, of a locale.
Passed = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class PassedRows:
    """Utterances of a locale with their vectors.

    Attributes:
        rows: The utterances.
        vectors: Shape (layers, utterances, width).
        subwords: How many subwords their text has.
    """

    rows: LocaleRows
    vectors: LayerVectors
    subwords: int


class Probing:
    """One probe. Means come first, then one language after the other is searched.

    The first language is the one that the others are compared with. At most two languages' vectors
    are held at a time: its own, and those of another one. Of the last layer, some of each are kept
    for the search from any language in any other.
    """

    def __init__(
        self,
        encoder: SentenceEncoder,
        choices: Choices,
        locales: Sequence[str],
        layers: Sequence[int],
        passed: Passed,
        languages: LanguageTable | None = None,
    ) -> None:
        self.encoder = encoder
        self.choices = choices
        self.locales = tuple(locales)
        self.against = self.locales[0]
        self.layers = tuple(layers)
        self.passed = passed
        self.languages = languages or LanguageTable.shipped()
        self._class_numbers: dict[str, int] = {}
        self._intent_numbers: dict[str, int] = {}

    def measure(self, name: str, kind: str) -> Probe:
        """The probe.

        Args:
            name: What the encoder is called.
            kind: What kind of run the encoder is of.
        """
        began = time.monotonic()
        means, intents, reference_rows = self._references()
        origin = self._pass(self.choices.searched, self.against)
        measured: dict[str, LocaleProbe] = {}
        everywhere = AnySearch(self.layers[-1])
        for position, locale in enumerate(self.locales):
            home = locale == self.against
            here = origin if home else self._pass(self.choices.searched, locale)
            measured[locale] = self._compared(here, origin, means, position, intents)
            everywhere.add(locale, here.rows.ids, here.vectors[-1] - means[-1, position])
        settings = self.encoder.settings
        maps = [
            language_map(layer, dict(zip(self.locales, of_layer, strict=True)), self.languages)
            for layer, of_layer in zip(self.layers, means, strict=True)
        ]
        return Probe(
            model=name,
            kind=kind,
            prefix=settings.prefix,
            precision=self.encoder.precision,
            data=self.choices.searched.store.name,
            against=self.against,
            searched=self.choices.searched.described(len(origin.rows.ids)),
            reference=self.choices.reference.described(reference_rows),
            layers=[*self.layers],
            locales=measured,
            any_to_any=everywhere.hits(),
            map=maps[-1],
            agreement=[made.agreement for made in maps],
            seconds=round(time.monotonic() - began, 1),
        )

    def _references(self) -> tuple[LayerVectors, LayerVectors, int]:
        """Means of languages and of intents.

        Returns:
            Shape (layers, locales, width); shape (layers, intents, width), of the language compared
            with, centred; and how many utterances they were made of.
        """
        means = []
        intents: LayerVectors | None = None
        count = 0
        for locale in self.locales:
            here = self._pass(self.choices.reference, locale)
            means.append(here.vectors.mean(axis=1))
            count = max(count, len(here.rows.ids))
            if intents is None:
                numbers = numbered(here.rows.intents, self._intent_numbers)
                intents = np.stack(
                    [
                        class_means(
                            vectors - vectors.mean(axis=0), numbers, len(self._intent_numbers)
                        )
                        for vectors in here.vectors
                    ]
                )
        assert intents is not None
        return np.stack(means, axis=1), intents, count

    def _pass(self, choice: RowChoice, locale: str) -> PassedRows:
        rows = choice.of(locale)
        texts = encoded(self.encoder, rows.texts)
        vectors = layer_vectors(
            self.encoder, texts, self.layers, lambda count: self.passed(locale, count)
        )
        return PassedRows(rows, vectors, int((texts.words >= 0).sum()))

    def _compared(
        self,
        here: PassedRows,
        origin: PassedRows,
        means: LayerVectors,
        position: int,
        intents: LayerVectors,
    ) -> LocaleProbe:
        row_of = {identity: row for row, identity in enumerate(origin.rows.ids)}
        kept = np.array([identity in row_of for identity in here.rows.ids], bool)
        gold = np.array([row_of[i] for i in here.rows.ids if i in row_of], np.int64)
        classes = numbered(here.rows.classes, self._class_numbers)
        origin_classes = numbered(origin.rows.classes, self._class_numbers)
        intent_numbers = numbered(here.rows.intents, self._intent_numbers)
        layers = []
        for number in range(len(self.layers)):
            vectors = here.vectors[number]
            mean = means[number, position]
            counts = retrieval(
                Searched(vectors[kept], mean, classes[kept]),
                Searched(origin.vectors[number], means[number, 0], origin_classes),
                gold,
            )
            layers.append(
                LayerProbe(
                    **{name: _hits(hit_counts) for name, hit_counts in counts.items()},
                    language=_share(nearest_mean(vectors, means[number]) == position),
                    intent=_intent_share(vectors - mean, intents[number], intent_numbers),
                )
            )
        utterances = len(here.rows.ids)
        return LocaleProbe(
            queries=len(gold),
            subwords_per_token=here.subwords / max(1, here.rows.tokens),
            subwords_per_utterance=here.subwords / max(1, utterances),
            layers=layers,
        )


def _hits(counts: HitCounts) -> Hits:
    queries = max(1, counts.queries)
    same = counts.same_labels / counts.labelled if counts.labelled else None
    return Hits(at_1=counts.at_1 / queries, at_5=counts.at_5 / queries, same_labels=same)


def _share(right: NDArray[np.bool_]) -> float:
    return float(right.mean()) if len(right) else 0.0


def _intent_share(
    centred: NDArray[np.float32], means: NDArray[np.float32], intents: NDArray[np.int64]
) -> float | None:
    """Over utterances of known intent, one that has no mean being wrong."""
    known = intents >= 0
    if not known.any() or not len(means):
        return None
    return _share(nearest_direction(centred[known], means) == intents[known])
