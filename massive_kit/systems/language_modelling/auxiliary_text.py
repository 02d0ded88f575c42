"""Objectives on text beside a task: each step learns from a batch of text, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from massive_kit.engine.batches import BatchDataset
from massive_kit.engine.batches_beside import BatchesBeside
from massive_kit.engine.objectives import (
    ObjectiveSettings,
    TextObjective,
    reads,
    text_objective,
)
from massive_kit.engine.text_batches import TextBatches
from massive_kit.engine.texts import Texts
from massive_kit.systems.language_modelling.heads import TextHead, mean_loss

# Texts that a batch is cut from, for each text that it takes; more of them make for less padding.
_CANDIDATES = 8
# How many times a text may be drawn and be corrupted in another way each time.
_VERSIONS = 2**20


@dataclass(frozen=True, slots=True)
class AuxiliaryText:
    """What an encoder learns from text beside its task.

    Attributes:
        texts: The text.
        objectives: How, by name.
        weights: How much each weighs where the task weighs 1.
    """

    texts: Texts
    objectives: Mapping[str, TextObjective]
    weights: Mapping[str, float]

    def remapped(self, table: NDArray[np.int32]) -> AuxiliaryText:
        """The same with other subword ids: `table[old] = new`."""
        objectives = {
            name: replace(learning, corrupter=learning.corrupter.remapped(table))
            for name, learning in self.objectives.items()
        }
        return replace(self, texts=self.texts.remapped(table), objectives=objectives)

    def heads(self, hidden: int, embedding: nn.Module, rows: int) -> AuxiliaryHeads:
        """New heads.

        Args:
            hidden: Width of the encoder.
            embedding: Its word embeddings.
            rows: How many rows of them are subwords.
        """
        width = int(embedding.weight.shape[1])
        heads = {
            name: TextHead(hidden, width, learning.classes or rows, tied=learning.classes is None)
            for name, learning in self.objectives.items()
        }
        return AuxiliaryHeads(heads, self.weights)

    def beside(self, labelled: BatchDataset, seed: int) -> BatchesWithText:
        """Labelled batches, each with text."""
        batches = {
            name: TextBatches(self.texts, learning.corrupter, seed, placed=True)
            for name, learning in self.objectives.items()
        }
        return BatchesWithText(labelled, self.texts.lengths, batches, seed)


def text_objectives(settings: ObjectiveSettings, tokenizer: Any) -> dict[str, TextObjective]:
    """The objectives on text that a recipe names; the tokenizer gets what it lacks."""
    return {
        name: text_objective(
            ObjectiveSettings(name=name, settings=settings.auxiliary_settings.get(name, {})),
            tokenizer,
            "encoder",
        )
        for name in settings.auxiliary
        if reads(name) == "text"
    }


class AuxiliaryHeads(nn.Module):
    """Heads on an encoder that learn from text; they are not a part of what is saved."""

    def __init__(self, heads: Mapping[str, TextHead], weights: Mapping[str, float]) -> None:
        super().__init__()
        self.heads = nn.ModuleDict(dict(heads))
        self.weights = dict(weights)

    def forward(self, body: nn.Module, batches: Mapping[str, Mapping[str, Tensor]]) -> Tensor:
        """The weighted loss.

        Args:
            body: The encoder.
            batches: By objective, text as `TextBatches` gives it; others may stand beside them.
        """
        losses = []
        for name in self.heads:
            batch = batches[name]
            ids, mask, places = (batch[key] for key in ("input_ids", "attention_mask", "places"))
            hidden = body(input_ids=ids, attention_mask=mask).last_hidden_state.flatten(0, 1)
            logits = self.heads[name](hidden[places], body.get_input_embeddings().weight)
            labels = batch["labels"].flatten()[places]
            losses.append(self.weights[name] * mean_loss(logits, labels))
        return torch.stack(losses).sum()


class BatchesWithText(BatchesBeside):
    """Labelled batches, each with about as much text."""

    def __init__(
        self,
        labelled: BatchDataset,
        lengths: NDArray[np.int64],
        texts: Mapping[str, BatchDataset],
        seed: int,
    ) -> None:
        super().__init__(labelled, texts, seed)
        self.lengths = lengths

    def drawn(
        self, batch: Mapping[str, Any], rows: NDArray[np.int64], chance: np.random.Generator
    ) -> dict[str, Any]:
        """Text, the same for each name."""
        chosen = self._chosen(len(rows), int(batch["input_ids"].numel()), chance)
        numbers = chosen + len(self.lengths) * int(chance.integers(_VERSIONS))
        return {name: texts.__getitems__(numbers) for name, texts in self.others.items()}

    def _chosen(self, count: int, budget: int, chance: np.random.Generator) -> NDArray[np.int64]:
        """Texts of like length, any as likely as another, as many as the budget allows."""
        candidates = chance.integers(len(self.lengths), size=_CANDIDATES * count)
        candidates = candidates[np.argsort(self.lengths[candidates], kind="stable")]
        start = int(chance.integers(len(candidates)))
        run = candidates[start:]
        padded = self.lengths[run] * np.arange(1, len(run) + 1)
        return run[: max(1, int((padded <= budget).sum()))]
