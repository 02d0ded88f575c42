"""Labels are moved to the rates that they have where labels were learnt.

What a language asks for is taken to be what the training rows ask for, in other words. A model that
never saw its labels prefers some all the same, and misses others. On text of the language without
labels each label gets an offset, such that as much of it is expected there as the training rows
have: of an intent the share of utterances, of a slot the share of utterances that name it. Known
rates in the place of predicted ones: Saerens 2002 (doi.org/10.1162/089976602753284446) where a
classifier meets other rates, distribution alignment in ReMixMatch (arxiv.org/abs/1911.09785).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_columns import label_integers, positions_of
from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.ragged import rows_of
from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.engine.observer import TextObserver
from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.encoder.inference_settings import LabelRates
from massive_kit.systems.encoder.label_offsets import LabelOffsets
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.interface import DistributionSystem, Utterance
from massive_kit.systems.language_text import language_texts
from massive_kit.systems.retrieval.vector_index import Vectors

_LOG = logging.getLogger(__name__)
_KEY = "inference.label_rates"
# The logarithm of the ratio of rates is followed half of the way, so often.
_STEP, _STEPS = 0.5, 50
# Added to both rates, so that rare labels are not moved by chance.
_INTENT_FLOOR, _SLOT_FLOOR = 1e-3, 2e-3
# A model that holds hardly anything likely, or all alike, cannot be brought to rates; those of
# trained ones are reached to within 0.006.
_REACHED = 0.02
# Locales that a warning names.
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Rates:
    """How often labels occur in labelled utterances.

    Attributes:
        intents: Shape (intents,), the share of utterances of each; empty where none has one.
        labels: Shape (labels,), the share of utterances that have each.
    """

    intents: NDArray[np.float64]
    labels: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PreparedRates:
    """The rates of labels, and the text of each language that is to have them.

    Attributes:
        texts: Utterances of each locale whose labels were not learnt.
        settings: What the recipe says.
        rates: Those of the training rows.
        inventory: The labels.
        trained: The locales whose labels were learnt.
    """

    texts: Mapping[str, Sequence[Utterance]]
    settings: LabelRates
    rates: Rates
    inventory: Inventory
    trained: tuple[str, ...]

    @classmethod
    def of(cls, recipe: EncoderRecipe, task_data: TaskData) -> PreparedRates | None:
        """The rates that a recipe asks for; `None` where it asks for none.

        Args:
            recipe: The recipe.
            task_data: The task on its data; labels of its training rows are counted.

        Raises:
            ConfigError: The training rows are of no locale whose labels were learnt.
            MissingDataError: A language has no text.
        """
        settings = recipe.inference.label_rates
        if settings is None:
            return None
        train = task_data.train
        trained = tuple(name for name in train.locales if name in train.label_locales)
        if not trained:
            problem = Problem(
                "recipe",
                f"{_KEY} is set, and {train.store.name} has no training row of"
                f" {', '.join(train.label_locales)}, whose labels all rows have",
                "training rows as people labelled them",
                f"name such rows with --train-data, or -o {_KEY}=null",
            )
            raise ConfigError("the recipe does not fit the data", [problem])
        inventory = task_data.store.inventory
        texts = {
            text.locale: [
                Utterance("", text.locale, utterance, tokens)
                for utterance, tokens in zip(text.texts, text.tokens, strict=True)
            ]
            for text in language_texts(settings, task_data, _KEY, without=trained)
        }
        splits = [train.only(locale) for locale in trained]
        rates = count_rates(splits, inventory, recipe.training.train_rows)
        return cls(texts, settings, rates, inventory, trained)

    @property
    def count(self) -> int:
        """How many texts there are."""
        return sum(map(len, self.texts.values()))

    def offsets(self, system: DistributionSystem, observer: TextObserver) -> LabelOffsets:
        """The offsets of each locale.

        Labels of a locale that cannot be brought to the rates stay as they are, which is told.

        Args:
            system: The fitted model as it predicts without them.
            observer: Whom to tell how much text is read.
        """
        strength = np.float32(self.settings.strength)
        count = len(self.inventory.intents)
        zero = np.zeros(count + len(self.inventory.labels), np.float32)
        by_locale = dict.fromkeys(self.trained, zero)
        unreached: dict[str, list[str]] = {"intents": [], "slots": []}
        for locale, utterances in self.texts.items():
            outputs = system.label_distributions(utterances, None, partial(observer.read, locale))
            moved = zero.copy()
            parts = {
                "intents": (moved[:count], intent_offsets(outputs.intents, self.rates.intents)),
                "slots": (moved[count:], slot_offsets(outputs, self.rates.labels)),
            }
            for what, (part, reached) in parts.items():
                if reached is None:
                    unreached[what].append(locale)
                else:
                    part[:] = strength * reached
            by_locale[locale] = moved
        for what, locales in unreached.items():
            if locales:
                _LOG.warning(
                    "%s of %s cannot be brought to the rates of the training rows, and stay as they"
                    " are; the model is too unsure of them",
                    what,
                    _shown(locales),
                )
        return LabelOffsets(by_locale, count)


def _shown(locales: Sequence[str]) -> str:
    more = f" and {len(locales) - _NAMED} more" * (len(locales) > _NAMED)
    return ", ".join(locales[:_NAMED]) + more


def count_rates(splits: Sequence[DataSplit], inventory: Inventory, rows: int | None) -> Rates:
    """How often labels occur in the rows of some locales that have labels.

    Args:
        splits: A split of each locale.
        inventory: The labels.
        rows: Most rows of each, as training takes them.
    """
    names = ["intent", "labels", *["boundaries"] * (inventory.scheme == "brackets")]
    table = pa.concat_tables([split.read(names, rows) for split in splits])
    numbers = positions_of(table.column("intent"), inventory.intent_index)
    counts = np.bincount(numbers[numbers >= 0], minlength=len(inventory.intents))
    # Half an utterance more of each: one that was not drawn is rare, and not impossible.
    intents = (counts + 0.5) / (counts + 0.5).sum() if counts.sum() else np.zeros(0)
    table = table.filter(pc.is_valid(table.column("labels"))).combine_chunks()
    named = np.zeros((len(table), len(inventory.labels)), bool)
    if len(table):
        boundaries = table.column("boundaries").chunk(0) if "boundaries" in names else None
        labels = label_integers(table.column("labels").chunk(0), boundaries, inventory)
        named[rows_of(labels.offsets), labels.flat] = True
    return Rates(intents, named.mean(axis=0) if len(table) else np.zeros(0))


def intent_offsets(
    logarithms: NDArray[np.floating[Any]], wanted: NDArray[np.float64]
) -> Vectors | None:
    """Offsets with which the mean probability of each intent is the rate that is wanted.

    Args:
        logarithms: Shape (n, intents), of probabilities.
        wanted: Shape (intents,); empty where nothing is.

    Returns:
        Shape (intents,), or `None` where no offsets do it.
    """
    offsets = np.zeros(logarithms.shape[1], np.float32)
    if not len(logarithms) or not len(wanted):
        return offsets

    def expected() -> NDArray[np.floating[Any]]:
        shares: NDArray[np.floating[Any]] = _softmax(logarithms + offsets).mean(axis=0)
        return shares

    for _ in range(_STEPS):
        offsets += _STEP * np.log((wanted + _INTENT_FLOOR) / (expected() + _INTENT_FLOOR))
    return offsets if np.abs(expected() - wanted).max() <= _REACHED else None


def slot_offsets(outputs: LabelDistributions, wanted: NDArray[np.float64]) -> Vectors | None:
    """Offsets with which the share of utterances expected to have each label is as wanted.

    An utterance is expected to have a label as much as the token does that most likely has it. The
    first label, which is that of no slot, keeps its logit.

    Args:
        outputs: What a model says of utterances.
        wanted: Shape (labels,), the share of utterances that have each; empty where nothing is.

    Returns:
        Shape (labels,), or `None` where no offsets do it.
    """
    offsets = np.zeros(outputs.labels.shape[1], np.float32)
    starts = outputs.offsets[:-1][np.diff(outputs.offsets) > 0]
    if not len(starts) or not len(wanted):
        return offsets

    def expected() -> NDArray[np.floating[Any]]:
        likely = _softmax(outputs.labels + offsets)
        shares: NDArray[np.floating[Any]] = np.maximum.reduceat(likely, starts, axis=0).mean(axis=0)
        return shares

    for _ in range(_STEPS):
        step = _STEP * np.log((wanted + _SLOT_FLOOR) / (expected() + _SLOT_FLOOR))
        offsets[1:] += step[1:]
    return offsets if np.abs(expected() - wanted)[1:].max(initial=0) <= _REACHED else None


def _softmax(logits: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    likely: NDArray[np.floating[Any]] = np.exp(logits - logits.max(axis=1, keepdims=True))
    likely /= likely.sum(axis=1, keepdims=True)
    return likely
