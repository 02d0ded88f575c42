"""The losses that an encoder learns by beside its task, each a module of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from massive_kit.engine.contrastive import class_contrast, pair_contrast
from massive_kit.engine.gradient_reversal import reversed_gradient
from massive_kit.engine.objectives.adversary import Settings as AdversarySettings
from massive_kit.engine.objectives.contrast import Settings as ContrastSettings
from massive_kit.engine.objectives.supervised_contrast import Settings as LabelSettings
from massive_kit.engine.sentence_vectors import body_vectors, layer_states, mean_vectors
from massive_kit.systems.language_modelling.auxiliary_text import AuxiliaryHeads

# How steeply the reversed gradient grows, as in Ganin and Lempitsky 2015.
_STEEPNESS = 10.0


class PairContrast(nn.Module):
    """Contrast between translations."""

    def __init__(self, settings: ContrastSettings) -> None:
        super().__init__()
        self.settings = settings

    def forward(self, body: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
        """The loss of a batch of `PairBatches`."""
        vectors = _vectors(body, batch, self.settings.layer)
        one_side, other_side = vectors.chunk(2)
        return pair_contrast(one_side, other_side, batch["same"], self.settings.temperature)


class LanguageAdversary(nn.Module):
    """A classifier of languages, whose gradient is reversed on its way into the body.

    Attributes:
        batches: How many batches it has learnt from; a part of the weights, so that a run that goes
            on goes on with it.
    """

    batches: Tensor

    def __init__(self, settings: AdversarySettings, width: int, languages: int) -> None:
        super().__init__()
        self.settings = settings
        self.hidden = nn.Linear(width, width)
        self.classes = nn.Linear(width, languages)
        self.register_buffer("batches", torch.zeros(()))

    def forward(self, body: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
        """The loss of a batch of `LanguageBatches`."""
        vectors = _vectors(body, batch, self.settings.layer)
        loss = functional.cross_entropy(self.logits(vectors), batch["languages"])
        if self.training:
            self.batches += 1
        return loss

    def logits(self, vectors: Tensor) -> Tensor:
        """Shape (batch, languages)."""
        hidden = functional.gelu(self.hidden(reversed_gradient(vectors, self.weight())))
        made: Tensor = self.classes(hidden)
        return made.float()

    def weight(self) -> Tensor:
        """The weight of the reversed gradient by now, between 0 and 1."""
        progress = self.batches / max(1, self.settings.ramp)
        if not self.settings.ramp:
            return torch.ones_like(progress)
        full = 2 / (1 + math.exp(-_STEEPNESS)) - 1
        return (2 / (1 + torch.exp(-_STEEPNESS * progress)) - 1).clamp(max=full) / full


class LabelContrast(nn.Module):
    """Contrast between the rows of a task by their labels."""

    def __init__(self, settings: LabelSettings) -> None:
        super().__init__()
        self.settings = settings

    def forward(self, output: Any, mask: Tensor, classes: Tensor) -> Tensor:
        """The loss of the task's own batch, see `AuxiliaryLosses`."""
        vectors = mean_vectors(layer_states(output, self.settings.layer), mask)
        return class_contrast(vectors, classes, self.settings.temperature)


class AuxiliaryLosses(nn.Module):
    """All that an encoder learns by beside its task; no part of what is saved.

    Attributes:
        reads_layers: Whether the task's batch is to be run with the states of all layers.
        turns: How many batches have taken turns; `None` where none do. A part of the weights, so
            that a run that goes on goes on with it.
    """

    turns: Tensor | None

    def __init__(
        self,
        heads: AuxiliaryHeads | None,
        aligned: Mapping[str, nn.Module],
        by_labels: LabelContrast | None,
        weights: Mapping[str, float],
    ) -> None:
        super().__init__()
        self.heads = heads
        self.aligned = nn.ModuleDict(dict(aligned))
        self.by_labels = by_labels
        self.weights = dict(weights)
        self.reads_layers = by_labels is not None and by_labels.settings.layer != "last"
        alternate = any(
            loss.settings.alternate for loss in aligned.values() if isinstance(loss, PairContrast)
        )
        self.register_buffer("turns", torch.zeros((), dtype=torch.long) if alternate else None)

    def forward(
        self,
        body: nn.Module,
        batches: Mapping[str, Mapping[str, Tensor]],
        output: Any,
        mask: Tensor,
        classes: Tensor,
        task: Tensor | None = None,
    ) -> Tensor:
        """The weighted loss, a scalar; with that of the task, or in turns with it.

        Args:
            body: The encoder.
            batches: What is read beside the task, by objective.
            output: What the body made of the task's own batch.
            mask: Shape (batch, subwords), true on text of that batch.
            classes: Shape (batch,), the label of each of its rows, below 0 where it has none.
            task: The loss of the task, a scalar.
        """
        losses: list[Tensor] = [] if self.heads is None else [self.heads(body, batches)]
        pairs: list[Tensor] = []
        for name, loss in self.aligned.items():
            taking_turns = self.turns is not None and isinstance(loss, PairContrast)
            (pairs if taking_turns else losses).append(
                self.weights[name] * loss(body, batches[name])
            )
        if self.by_labels is not None:
            losses.append(
                self.weights["supervised-contrast"] * self.by_labels(output, mask, classes)
            )
        if self.turns is None:
            total = torch.stack(losses).sum()
            return total if task is None else task + total
        if task is not None:
            losses.append(task)
        # Not left out but weighed by 0, so that every process has all gradients.
        turn = self.turns % 2
        if self.training:
            self.turns += 1
        others = torch.stack(losses).sum() if losses else torch.zeros_like(pairs[0])
        return (1 - turn) * others + turn * torch.stack(pairs).sum()


def _vectors(body: nn.Module, batch: Mapping[str, Tensor], layer: Any) -> Tensor:
    return body_vectors(
        body, batch["input_ids"], batch["attention_mask"], batch["text_mask"], layer
    )
