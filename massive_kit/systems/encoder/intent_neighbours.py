"""Neighbours in the posterior: training rows near an utterance have a say in its intent.

Khandelwal 2020 (arxiv.org/abs/1911.00172) mixes a language model's probabilities with those of the
nearest training examples. Here the vectors are those of a frozen encoder, which knows languages
that fine-tuning has not seen, and the mean goes into the joint decoding of intent and slots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ConfigError, MassiveKitError, MissingDataError, Problem
from massive_kit.files import jsonio
from massive_kit.files.npz import read_arrays, write_arrays
from massive_kit.schema.config import check
from massive_kit.systems.encoder.inference_settings import IntentNeighbours
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.language_means import language_means
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder
from massive_kit.systems.retrieval.vector_index import VectorIndex
from massive_kit.systems.retrieval.voters import votes

FOLDER = "neighbours"
_INTENTS, _SETTINGS = "intents.npz", "neighbours.json"
_KEY = "inference.neighbours"


@dataclass(frozen=True, slots=True)
class NeighbourVotes:
    """Training rows that vote, with the frozen encoder that finds them.

    Attributes:
        encoder: The frozen encoder.
        index: The vectors of the training rows.
        intents: Shape (rows,), the intent of each.
        count: How many intents there are.
        settings: How they vote.
        weight: Weight of their votes against the model's own probabilities.
    """

    encoder: SentenceEncoder
    index: VectorIndex
    intents: NDArray[np.int32]
    count: int
    settings: IntentNeighbours
    weight: float

    @classmethod
    def of(
        cls, settings: IntentNeighbours, task_data: TaskData, precision: str, rows: int | None
    ) -> NeighbourVotes:
        """The labelled rows of a task's training split, as vectors.

        Args:
            settings: What the recipe says.
            task_data: The task on its data.
            precision: Number format of the computation.
            rows: Most training rows per locale.

        Raises:
            MissingDataError: The encoder is not found, or a language has no text to centre by.
            ConfigError: The settings do not fit the encoder, or no row has an intent.
        """
        encoder = SentenceEncoder.load(settings, precision)
        inventory = task_data.store.inventory
        texts: list[str] = []
        locales: list[str] = []
        numbers: list[int] = []
        for split in task_data.train.by_locale():
            for text, intent in split_texts(split, rows):
                if intent is not None:
                    texts.append(text)
                    locales += split.locales
                    numbers.append(inventory.intent_index[intent])
        if not texts:
            problem = Problem("recipe", f"{_KEY} is set, but no training row has an intent")
            raise ConfigError("the recipe does not fit the data", [problem])
        means = {}
        if settings.centring is not None:
            means = language_means(settings.centring, task_data, encoder, f"{_KEY}.centring")
        index = VectorIndex.of(encoder.vectors(texts), locales, means)
        weight = 0.0 if settings.weight == "dev" else settings.weight
        intents = np.array(numbers, np.int32)
        return cls(encoder, index, intents, len(inventory.intents), settings, weight)

    def shares(self, texts: Sequence[str], locales: Sequence[str]) -> NDArray[np.float32]:
        """Shape (utterances, intents): the share of the votes for each intent.

        Args:
            texts: The utterances.
            locales: The locale of each.
        """
        nearest = self.index.nearest(self.encoder.vectors(texts), locales, self.settings.k)
        given = votes(nearest, self.intents, self.count, self.settings.temperature)
        shares: NDArray[np.float32] = (given / given.sum(axis=1, keepdims=True)).astype(np.float32)
        return shares

    def save(self, folder: Path) -> None:
        """Writes them into a new folder: encoder, vectors, intents, settings."""
        folder.mkdir()
        self.encoder.save(folder)
        self.index.save(folder)
        write_arrays(folder / _INTENTS, {"intents": self.intents})
        encoder = self.encoder.settings.model_dump(
            mode="json", include={*SentenceEncoderSettings.model_fields}
        )
        jsonio.write_json(folder / _SETTINGS, {"encoder": encoder, "weight": self.weight})

    @classmethod
    def load(
        cls, folder: Path, settings: IntentNeighbours, count: int, precision: str
    ) -> NeighbourVotes:
        """Those of a model folder.

        Args:
            folder: The folder.
            settings: How they vote, where that is not fixed by their vectors.
            count: How many intents the model knows.
            precision: Number format of the computation.

        Raises:
            MissingDataError: The run was trained without them.
            MassiveKitError: The folder's files do not fit together.
        """
        path = folder / _SETTINGS
        if not path.is_file():
            raise MissingDataError(
                f"{path} not found; train with {_KEY}, or add them with `massive-kit configure`"
            )
        index, intents = VectorIndex.load(folder), read_arrays(folder / _INTENTS)["intents"]
        kept = jsonio.read_json(path)
        if len(intents) != len(index) or intents.max(initial=0) >= count:
            raise MassiveKitError(
                f"the model in {folder} cannot be loaded: its vectors and intents do not belong to"
                " the model; train again"
            )
        encoder_settings = check(SentenceEncoderSettings, kept["encoder"], str(path))
        encoder = SentenceEncoder.saved(folder, encoder_settings, precision)
        weight = kept["weight"] if settings.weight == "dev" else settings.weight
        return cls(encoder, index, intents, count, settings, float(weight))


def split_texts(split: DataSplit, rows: int | None) -> list[tuple[str, str | None]]:
    """Text and intent of the rows of one locale, in the order in which they are encoded."""
    table = split.read(["utt", "intent"], rows)
    return [*zip(table["utt"].to_pylist(), table["intent"].to_pylist(), strict=True)]
