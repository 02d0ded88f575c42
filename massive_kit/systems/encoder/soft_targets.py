"""What an encoder of labels learns beside its labels from distributions over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from massive_kit.data.task_data import TaskData
from massive_kit.engine.batches import BatchDataset
from massive_kit.engine.batches_beside import BatchesWithRows
from massive_kit.engine.objectives import auxiliary_settings
from massive_kit.systems.encoder.consistency import Consistency, SecondCuts
from massive_kit.systems.encoder.dataset import EncoderDataset, encode_sampled
from massive_kit.systems.encoder.joint_model import JointModel, JointOutput
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.encoder.subword_sampling import CutSampling

CONSISTENCY = "consistency"
# Keeps second cuts apart from those of `model.subword_sampling`, which has the same seed.
_STREAM = (1,)


class SoftLoss(Protocol):
    """A loss of distributions."""

    def __call__(
        self, model: JointModel, output: JointOutput, batch: Mapping[str, Tensor]
    ) -> Tensor:
        """A scalar, from what the model says of its labelled batch and what is read beside it."""


@dataclass(frozen=True, slots=True)
class SoftLosses:
    """Losses of distributions, each with its weight where the task's loss weighs 1.

    Attributes:
        losses: By objective.
        weights: By objective.
    """

    losses: Mapping[str, SoftLoss]
    weights: Mapping[str, float]

    def __call__(
        self, model: JointModel, output: JointOutput, batches: Mapping[str, Mapping[str, Tensor]]
    ) -> Tensor:
        """The weighted loss, a scalar; see `SoftLoss`."""
        losses = [
            self.weights[name] * loss(model, output, batches[name])
            for name, loss in self.losses.items()
        ]
        return torch.stack(losses).sum()


@dataclass(frozen=True, slots=True)
class SoftTargets:
    """What is read for it.

    Attributes:
        recipe: Which objectives, and their settings.
        second_cuts: The training rows cut anew, as often as they are trained on.
    """

    recipe: EncoderRecipe
    second_cuts: EncoderDataset

    @classmethod
    def of(
        cls, recipe: EncoderRecipe, task_data: TaskData, tokenizer: Any, copies: int
    ) -> SoftTargets | None:
        """What a recipe asks for; `None` where it asks for nothing.

        Args:
            recipe: The recipe.
            task_data: The task on its data.
            tokenizer: Cuts text.
            copies: How many cuts of the training rows there are.

        Raises:
            ConfigError: The tokenizer gives cuts no probabilities.
        """
        if CONSISTENCY not in recipe.objective.auxiliary:
            return None
        settings = auxiliary_settings(recipe.objective, CONSISTENCY)
        second_cuts = encode_sampled(
            task_data.train,
            tokenizer,
            placement=recipe.model.placement,
            max_length=recipe.model.max_length,
            sampling=CutSampling(
                settings.alpha,
                recipe.training.seed,
                share=settings.sampling,
                stream=_STREAM,
                key=f"objective.auxiliary.{CONSISTENCY}",
            ),
            copies=copies,
            rows=recipe.training.train_rows,
        )
        return cls(recipe, second_cuts)

    @property
    def sets(self) -> tuple[EncoderDataset, ...]:
        """All that is read."""
        return (self.second_cuts,)

    def remapped(self, table: NDArray[np.int32]) -> SoftTargets:
        """The same with other subword ids: `table[old] = new`."""
        return replace(self, second_cuts=self.second_cuts.remapped(table))

    def losses(self) -> SoftLosses:
        """The losses, for the model."""
        settings = auxiliary_settings(self.recipe.objective, CONSISTENCY)
        return SoftLosses({CONSISTENCY: Consistency(settings)}, self.recipe.objective.auxiliary)

    def beside(self, labelled: BatchDataset, train: EncoderDataset) -> BatchDataset:
        """Labelled batches, each with what is read beside it.

        Args:
            labelled: The batches.
            train: The rows that they are of.
        """
        cuts = {CONSISTENCY: SecondCuts(train, self.second_cuts)}
        return BatchesWithRows(labelled, cuts, self.recipe.training.seed)
