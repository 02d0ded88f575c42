"""Perplexity of dev text: what a model that learns from text is selected by.

It is the exponential of the mean loss over all that is to be told, lower being better. Under masked
language modelling that is the pseudo-perplexity of masked subwords: each under the one mask that
was drawn for its text, which is the same at every evaluation and for every run, so that its values
compare between runs of one tokenizer, one set of settings and one dev set, and with nothing else. A
trimmed softmax leaves out subwords that do not occur, and so makes it a little lower.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from massive_kit.data.ragged import offsets_of
from massive_kit.engine.attention_masks import known_padding
from massive_kit.engine.corruption import Corrupter
from massive_kit.engine.distributed_dev import DevShare, RowValues
from massive_kit.engine.evaluation import DevReport
from massive_kit.engine.length_batches import length_batches
from massive_kit.engine.precision import autocast
from massive_kit.engine.session import Session
from massive_kit.engine.text_batches import TextBatches
from massive_kit.engine.text_rows import NO_LABEL
from massive_kit.engine.texts import Texts
from massive_kit.engine.transfers import Computed, brought_back, moved, on_device
from massive_kit.schema.task import Architecture

# Dev text is the same under every seed of a run.
_SEED = 0
# Most subwords of a batch: a logit for each subword of the vocabulary takes memory.
_BUDGET = 2048
# A row's sums: loss, labels, and labels that are told.
_SUMS = 3


@dataclass(frozen=True, slots=True)
class PerplexityDevSet:
    """Dev text, and what of it this process computes.

    Attributes:
        texts: The text.
        batches: It as a task.
        share: The rows of this process.
        architecture: What is evaluated.
        metric: What the perplexity is called.
        precision: bf16 or fp32.
        budget: Most subwords of a batch, padding included.
    """

    texts: Texts
    batches: TextBatches
    share: DevShare
    architecture: Architecture
    metric: str
    precision: str
    budget: int

    @classmethod
    def of(
        cls,
        texts: Texts,
        corrupter: Corrupter,
        session: Session,
        *,
        architecture: Architecture,
        metric: str,
    ) -> PerplexityDevSet:
        """Dev text under an objective."""
        share = session.dev_share(texts.lengths, offsets_of(np.full(len(texts), _SUMS)))
        batches = TextBatches(texts, corrupter, _SEED, placed=architecture == "encoder")
        budget = session.training.eval_batch_tokens or _BUDGET
        return cls(texts, batches, share, architecture, metric, session.precision, budget)

    def report(self, model: Any) -> DevReport:
        """Perplexity, mean loss and share of labels that are told, over all rows and per locale."""
        per_row = np.zeros(len(self.share.rows), np.int8)
        sums = self.share.joined(RowValues(per_row, self._sums(model).ravel())).ragged
        table = sums.reshape(-1, _SUMS)
        locales = self.texts.locale
        by_locale = {
            name: self._values(table[locales == number])
            for number, name in enumerate(self.texts.locales)
        }
        return DevReport(self._values(table), by_locale)

    def _values(self, sums: NDArray[np.float64]) -> dict[str, float]:
        loss, labels, told = sums.sum(axis=0)
        if not labels:
            return {}
        mean = float(loss / labels)
        # The exponential of a loss that has run away is no number.
        perplexity = math.exp(min(mean, 700.0))
        return {self.metric: perplexity, "loss": mean, "accuracy": float(told / labels)}

    @torch.inference_mode()
    def _sums(self, model: Any) -> NDArray[np.float64]:
        """Shape (rows of this process, 3): see `_SUMS`."""
        rows = self.share.rows
        device = next(model.parameters()).device
        lengths = self.texts.lengths[rows]
        order = np.argsort(lengths, kind="stable")
        sums = np.zeros((len(rows), _SUMS))
        was_training = model.training
        model.eval()

        def computed() -> Iterator[Computed]:
            for part in length_batches(lengths, order, self.budget):
                batch = self.batches.__getitems__(rows[part])
                asked = _Asked.of(batch["labels"], self.architecture)
                there = on_device(batch, device)
                with known_padding(batch):
                    logits = model(**there).logits
                told = asked.told(logits, there["labels"])
                yield Computed(part[asked.row], told)

        with autocast(device, self.precision):
            for read in brought_back(computed()):
                for column, values in enumerate(read.values):
                    np.add.at(sums[:, column], read.rows, values)
        model.train(was_training)
        return sums


@dataclass(frozen=True, slots=True)
class _Asked:
    """Where something is to be told in a batch.

    Attributes:
        row: For each label its row within the batch.
        labels: For each label its place in those of the batch, laid flat.
        logits: For each label its place in what the model says; `None` where it says nothing else.
    """

    row: NDArray[np.int64]
    labels: NDArray[np.int64]
    logits: NDArray[np.int64] | None

    @classmethod
    def of(cls, labels: Tensor, architecture: Architecture) -> _Asked:
        told = labels.numpy() != NO_LABEL
        if architecture == "decoder":
            # What is said at a place is the subword after it.
            told[:, 0] = False
        places = np.flatnonzero(told)
        said = None if architecture == "encoder" else places - (architecture == "decoder")
        return cls(places // told.shape[1], places, said)

    def told(self, logits: Tensor, labels: Tensor) -> tuple[Tensor, ...]:
        """For each label its loss, 1, and whether it is told."""
        wanted = labels.flatten()[moved(torch.from_numpy(self.labels), labels.device)]
        if self.logits is not None:
            said = moved(torch.from_numpy(self.logits), logits.device)
            logits = logits.flatten(0, 1)[said]
        losses = functional.cross_entropy(logits.float(), wanted, reduction="none").double()
        right = logits.argmax(dim=-1) == wanted
        return losses, torch.ones_like(losses), right.double()
