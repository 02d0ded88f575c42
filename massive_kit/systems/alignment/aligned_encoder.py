"""An encoder that learns by pairs alone, and how well it finds translations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers.configuration_utils import PreTrainedConfig
from transformers.utils import ModelOutput

from massive_kit.engine.attention_masks import known_padding
from massive_kit.engine.encoder_bodies import ModelOnBody, body_config, new_body
from massive_kit.engine.evaluation import DevReport
from massive_kit.engine.length_batches import length_batches
from massive_kit.engine.objectives.contrast import METRIC, Settings
from massive_kit.engine.pair_texts import PairTexts, text_batch
from massive_kit.engine.precision import autocast
from massive_kit.engine.sentence_vectors import Layer, body_vectors
from massive_kit.engine.texts import Texts
from massive_kit.engine.transfers import Computed, brought_back, on_device
from massive_kit.systems.alignment.losses import PairContrast

# Most subwords of a batch, padding included.
_BUDGET = 8192


class AlignedEncoderConfig(PreTrainedConfig):
    """Configuration of an `AlignedEncoder`.

    Attributes:
        body: The encoder's own configuration, as a mapping with `model_type`.
        contrast: The settings of the objective.
    """

    model_type = "massive_aligned_encoder"

    def __init__(
        self,
        body: dict[str, Any] | None = None,
        contrast: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.body = body or {}
        self.contrast = contrast or {}
        super().__init__(**kwargs)


@dataclass
class AlignedOutput(ModelOutput):
    """What an `AlignedEncoder` returns.

    Attributes:
        loss: Scalar.
    """

    loss: Tensor | None = None


class AlignedEncoder(ModelOnBody):
    """An encoder without a head, which learns by contrast between translations."""

    config_class = AlignedEncoderConfig

    def __init__(self, config: AlignedEncoderConfig, body: nn.Module | None = None) -> None:
        super().__init__(config)
        if body is None:
            body = new_body(body_config(config.body))
        self.body = body
        self.contrast = PairContrast(Settings.model_validate(config.contrast))
        self.post_init()

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, text_mask: Tensor, same: Tensor
    ) -> AlignedOutput:
        """The loss of a batch of `PairBatches`."""
        batch: Mapping[str, Tensor] = {
            "input_ids": input_ids,
            "attention_mask": attention_mask,
            "text_mask": text_mask,
            "same": same,
        }
        return AlignedOutput(loss=self.contrast(self.body, batch))

    def get_output_embeddings(self) -> None:
        """None: nothing is told."""


@dataclass(frozen=True, slots=True)
class RetrievalDevSet:
    """Dev text in pairs, of which translations are looked for.

    Attributes:
        pairs: The text.
        layer: Whose vectors are compared.
        precision: bf16 or fp32.
    """

    pairs: PairTexts
    layer: Layer
    precision: str

    def report(self, model: Any) -> DevReport:
        """How often the nearest text of the pivot is a translation, over all texts and per locale.

        Without a pivot it is the locale that has most texts in pairs. `retrieval_centred` is the
        same with each language's mean vector subtracted.
        """
        was_training = model.training
        vectors = text_vectors(model.eval().body, self.pairs.texts, self.layer, self.precision)
        model.train(was_training)
        locales = self.pairs.texts.locales
        home = self.pairs.pivot
        if home is None:
            home = _most_paired(self.pairs.rows)
        hits: dict[str, dict[str, NDArray[np.bool_]]] = {}
        for position, locale in enumerate(locales):
            there = (self.pairs.rows[:, [home, position]] >= 0).all(axis=1)
            if position == home or not there.any():
                continue
            candidates, queries = self.pairs.rows[there][:, [home, position]].T
            same = self.pairs.same[candidates]
            hits[locale] = {
                name: same[nearest(vectors[queries], vectors[candidates], centred=centred)] == same
                for name, centred in ((METRIC, False), (f"{METRIC}_centred", True))
            }
        by_locale = {
            locale: {name: float(right.mean()) for name, right in values.items()}
            for locale, values in hits.items()
        }
        overall = {
            name: float(np.concatenate([values[name] for values in hits.values()]).mean())
            for name in (METRIC, f"{METRIC}_centred")
        }
        return DevReport(overall, by_locale)


def _most_paired(rows: NDArray[np.int64]) -> int:
    """The locale (its column) whose texts stand in most pairs with those of others."""
    there = (rows >= 0).astype(np.int64)
    return int((there * (there.sum(axis=1, keepdims=True) - 1)).sum(axis=0).argmax())


def nearest(
    queries: NDArray[np.float32], candidates: NDArray[np.float32], *, centred: bool = False
) -> NDArray[np.int64]:
    """The row of the candidate with the highest cosine to each query.

    Args:
        queries: Shape (n, width), of one language.
        candidates: Shape (m, width), of one language.
        centred: Whether the mean of each of the two is subtracted first.
    """
    if centred:
        queries, candidates = (side - side.mean(axis=0) for side in (queries, candidates))
    lengths = np.linalg.norm(candidates, axis=1, keepdims=True)
    cosines = queries @ (candidates / np.maximum(lengths, 1e-12)).T
    rows: NDArray[np.int64] = cosines.argmax(axis=1)
    return rows


@torch.inference_mode()
def text_vectors(
    body: Any, texts: Texts, layer: Layer, precision: str = "fp32"
) -> NDArray[np.float32]:
    """The mean vector of each text; shape (texts, width).

    Args:
        body: An encoder, in evaluation mode.
        texts: The texts.
        layer: Whose vectors.
        precision: Number format of the computation.
    """
    device = next(body.parameters()).device
    made = np.zeros((len(texts), int(body.config.hidden_size)), np.float32)
    order = np.argsort(texts.lengths, kind="stable")

    def computed() -> Iterator[Computed]:
        for rows in length_batches(texts.lengths, order, _BUDGET):
            batch = text_batch(texts, rows)
            there = on_device(batch, device)
            ids, attention, text = (
                there[name] for name in ("input_ids", "attention_mask", "text_mask")
            )
            with known_padding(batch):
                vectors = body_vectors(body, ids, attention, text, layer)
            yield Computed(rows, (vectors,))

    with autocast(device, precision):
        for read in brought_back(computed()):
            (made[read.rows],) = read.values
    return made
