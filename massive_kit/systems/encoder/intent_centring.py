"""Centring at inference: the vectors of a language are moved to where intents were learnt.

Libovicky 2020 (aclanthology.org/2020.findings-emnlp.150) subtracts from each vector the mean of its
language. The intent head was trained on vectors as they are, so the mean of the languages that it
was trained on is added again, and they stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from massive_kit.data.task_data import TaskData
from massive_kit.engine.attention_masks import known_padding
from massive_kit.engine.length_batches import length_batches
from massive_kit.engine.observer import TextObserver
from massive_kit.engine.precision import autocast
from massive_kit.engine.transfers import Computed, brought_back, on_device
from massive_kit.systems.encoder.dataset import EncoderDataset, encode_utterances
from massive_kit.systems.encoder.joint_model import JointModel
from massive_kit.systems.encoder.locale_arrays import load_arrays, save_arrays
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.interface import Utterance
from massive_kit.systems.language_text import language_texts
from massive_kit.systems.retrieval.vector_index import Vectors

FILE = "language_shifts.safetensors"
_KEY = "inference.centring"
# Most subwords of a batch, padding included.
_BUDGET = 8192


@dataclass(frozen=True, slots=True)
class LanguageShifts:
    """What is added to the vectors of each language.

    Attributes:
        by_locale: Shape (width,) each; zero for the locales that were trained on.
    """

    by_locale: Mapping[str, Vectors]

    def of(self, utterances: Sequence[Utterance]) -> Vectors:
        """Shape (n, width); a locale without text takes the mean of those not trained on."""
        every = np.stack([*self.by_locale.values()])
        away = every[every.any(axis=1)]
        common = (away if len(away) else every).mean(axis=0)
        rows = [self.by_locale.get(utterance.locale, common) for utterance in utterances]
        return np.array(rows, np.float32).reshape(-1, every.shape[1])

    def save(self, folder: Path) -> None:
        """Writes them into a folder."""
        save_arrays(folder / FILE, self.by_locale)

    @classmethod
    def load(cls, folder: Path, width: int) -> LanguageShifts:
        """Reads them, of so many numbers each, from a folder; nothing in the file is run.

        Raises:
            MissingDataError: The run was trained without them.
            ContentError: The file cannot be read.
        """
        return cls(load_arrays(folder / FILE, width, _KEY))


@dataclass(frozen=True, slots=True)
class CentringTexts:
    """The text of each language that is trained on or tested, as the model reads it.

    Attributes:
        by_locale: The text, without labels.
        trained: The locales that are trained on.
        precision: bf16 or fp32.
    """

    by_locale: Mapping[str, EncoderDataset]
    trained: tuple[str, ...]
    precision: str

    @classmethod
    def of(
        cls, recipe: EncoderRecipe, task_data: TaskData, tokenizer: Any, precision: str
    ) -> CentringTexts | None:
        """The text that a recipe centres by; `None` where it does not.

        Args:
            recipe: The recipe.
            task_data: The task on its data; labels are not read.
            tokenizer: The model's tokenizer.
            precision: Number format of the computation.

        Raises:
            MissingDataError: A language has no text.
        """
        centring = recipe.inference.centring
        if centring is None:
            return None
        by_locale = {
            text.locale: encode_utterances(
                text.texts,
                text.tokens,
                tokenizer,
                placement=recipe.model.placement,
                max_length=recipe.model.max_length,
            )
            for text in language_texts(centring, task_data, _KEY)
        }
        return cls(by_locale, task_data.train.locales, precision)

    @property
    def count(self) -> int:
        """How many texts there are."""
        return sum(map(len, self.by_locale.values()))

    def shifts(self, model: JointModel, observer: TextObserver) -> LanguageShifts:
        """From each language's mean to the mean of those that were trained on.

        Args:
            model: The fitted model, with its whole vocabulary.
            observer: Whom to tell how much text is read.
        """
        model.eval()
        means = {}
        for locale, data in self.by_locale.items():
            means[locale] = intent_vectors(model, data, self.precision).mean(axis=0)
            observer.read(locale, len(data))
        home = np.mean([means[locale] for locale in self.trained], axis=0)
        return LanguageShifts(
            {
                locale: np.zeros_like(mean) if locale in self.trained else home - mean
                for locale, mean in means.items()
            }
        )


@torch.inference_mode()
def intent_vectors(model: JointModel, data: EncoderDataset, precision: str) -> Vectors:
    """What the intent of each utterance is read from; shape (n, width).

    Args:
        model: In evaluation mode.
        data: The utterances.
        precision: Number format of the computation.
    """
    device = next(model.parameters()).device
    made: NDArray[np.float32] = np.zeros(
        (len(data), int(model.body.config.hidden_size)), np.float32
    )
    order = np.argsort(data.lengths, kind="stable")

    def computed() -> Iterator[Computed]:
        for rows in length_batches(data.lengths, order, _BUDGET):
            batch = data.batch(rows)
            with known_padding(batch):
                vectors = model.intent_vectors(**on_device(batch, device))
            yield Computed(rows, (vectors.float(),))

    with autocast(device, precision):
        for read in brought_back(computed()):
            (made[read.rows],) = read.values
    return made
