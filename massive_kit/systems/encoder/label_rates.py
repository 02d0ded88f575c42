"""Labels are moved to the rates that they have where labels were learnt.

What a language asks for is taken to be what the training rows ask for, in other words. A model that
never saw its labels prefers some all the same, and misses others. On text of the language without
labels each label gets an offset, such that as much of it is expected there as the training rows
have: of an intent the share of utterances, of a slot the share of utterances that name it. Known
rates in the place of predicted ones: Saerens 2002 (doi.org/10.1162/089976602753284446) where a
classifier meets other rates, distribution alignment in ReMixMatch (arxiv.org/abs/1911.09785).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.ragged import rows_of
from massive_kit.data.task_data import TaskData
from massive_kit.engine.observer import TextObserver
from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.encoder.inference_settings import LabelRates
from massive_kit.systems.encoder.label_offsets import LabelOffsets
from massive_kit.systems.interface import DistributionSystem, Utterance
from massive_kit.systems.language_text import language_texts
from massive_kit.systems.retrieval.vector_index import Vectors

_KEY = "inference.label_rates"
# The logarithm of the ratio of rates is followed half of the way, so often.
_STEP, _STEPS = 0.5, 50
# Added to both rates, so that what is rare has no offset of its own making.
_INTENT_FLOOR, _LABEL_FLOOR = 1e-3, 2e-3


@dataclass(frozen=True, slots=True)
class PreparedRates:
    """The rates of labels, and the text of each language that is to have them.

    Attributes:
        texts: Utterances of each locale that labels are not of.
        settings: What the recipe says.
        intents: Shape (intents,), the share of utterances of each; empty where there are none.
        labels: Shape (labels,), the share of utterances that have each.
        trained: The locales that labels are of.
    """

    texts: Mapping[str, Sequence[Utterance]]
    settings: LabelRates
    intents: NDArray[np.float64]
    labels: NDArray[np.float64]
    trained: tuple[str, ...]

    @classmethod
    def of(cls, settings: LabelRates | None, task_data: TaskData) -> PreparedRates | None:
        """The rates that a recipe asks for; `None` where it asks for none.

        Args:
            settings: What the recipe says.
            task_data: The task on its data; labels of its training rows are counted.

        Raises:
            ConfigError: The training rows are of no locale that labels are of.
            MissingDataError: A language has no text.
        """
        if settings is None:
            return None
        train = task_data.train
        trained = tuple(name for name in train.locales if name in train.label_locales)
        if not trained:
            problem = Problem("recipe", f"{_KEY} is set, and all labels were made of others")
            raise ConfigError("the recipe does not fit the data", [problem])
        intents, labels = rates(train.only(*trained).labels())
        texts = {
            text.locale: [
                Utterance("", text.locale, utterance, tokens)
                for utterance, tokens in zip(text.texts, text.tokens, strict=True)
            ]
            for text in language_texts(settings, task_data, _KEY)
            if text.locale not in trained
        }
        return cls(texts, settings, intents, labels, trained)

    @property
    def count(self) -> int:
        """How many texts there are."""
        return sum(map(len, self.texts.values()))

    def offsets(self, system: DistributionSystem, observer: TextObserver) -> LabelOffsets:
        """The offsets of each locale.

        Args:
            system: The fitted model as it predicts without them.
            observer: Whom to tell how much text is read.
        """
        width = len(self.intents) + len(self.labels)
        by_locale = {locale: np.zeros(width, np.float32) for locale in self.trained}
        for locale, utterances in self.texts.items():
            outputs = system.label_distributions(utterances, None, partial(observer.read, locale))
            parts = (
                intent_offsets(outputs.intents, self.intents),
                label_offsets(outputs, self.labels),
            )
            by_locale[locale] = np.float32(self.settings.strength) * np.concatenate(parts)
        return LabelOffsets(by_locale, len(self.intents))


def rates(columns: LabelColumns) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The share of utterances that have each intent, and those that have each label.

    Args:
        columns: Labelled utterances.
    """
    inventory = columns.inventory
    counts = np.bincount(columns.intents[columns.intents >= 0], minlength=len(inventory.intents))
    # Half an utterance more of each: one that was not drawn is rare, and not impossible.
    intents = (counts + 0.5) / (counts + 0.5).sum() if len(counts) else np.zeros(0)
    named = np.zeros((len(columns), len(inventory.labels)), bool)
    named[rows_of(columns.offsets), columns.labels] = True
    return intents, named.mean(axis=0)


def intent_offsets(logarithms: NDArray[np.floating[Any]], wanted: NDArray[np.float64]) -> Vectors:
    """Offsets with which the mean probability of each intent is the rate that is wanted.

    Args:
        logarithms: Shape (n, intents), of probabilities.
        wanted: Shape (intents,).
    """
    offsets = np.zeros(len(wanted), np.float32)
    for _ in range(_STEPS if len(logarithms) and len(wanted) else 0):
        expected = _softmax(logarithms + offsets).mean(axis=0)
        offsets += _STEP * np.log((wanted + _INTENT_FLOOR) / (expected + _INTENT_FLOOR))
    return offsets


def label_offsets(outputs: LabelDistributions, wanted: NDArray[np.float64]) -> Vectors:
    """Offsets with which the share of utterances expected to have each label is as wanted.

    An utterance is expected to have a label as much as the token does that most likely has it. The
    first label, which is that of no slot, keeps its logit.

    Args:
        outputs: What a model says of utterances.
        wanted: Shape (labels,), the share of utterances that have each.
    """
    offsets = np.zeros(len(wanted), np.float32)
    starts = outputs.offsets[:-1][np.diff(outputs.offsets) > 0]
    for _ in range(_STEPS if len(starts) else 0):
        likely = _softmax(outputs.labels + offsets)
        expected = np.maximum.reduceat(likely, starts, axis=0).mean(axis=0)
        step = _STEP * np.log((wanted + _LABEL_FLOOR) / (expected + _LABEL_FLOOR))
        offsets[1:] += step[1:]
    return offsets


def _softmax(logits: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    likely: NDArray[np.floating[Any]] = np.exp(logits - logits.max(axis=1, keepdims=True))
    likely /= likely.sum(axis=1, keepdims=True)
    return likely
