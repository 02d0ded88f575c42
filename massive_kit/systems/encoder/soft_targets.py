"""What an encoder of labels learns beside its labels from distributions over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers.configuration_utils import PreTrainedConfig

from massive_kit.data.task_data import TaskData
from massive_kit.engine.batches import BatchDataset
from massive_kit.engine.batches_beside import BatchesWithRows
from massive_kit.engine.objectives import auxiliary_settings, teaching_objective
from massive_kit.systems.encoder.consistency import Consistency, SecondCuts
from massive_kit.systems.encoder.dataset import EncoderDataset, encode_sampled
from massive_kit.systems.encoder.distillation import Distillation, TaughtRows
from massive_kit.systems.encoder.joint_model import JointModel, JointOutput
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.encoder.subword_sampling import CutSampling
from massive_kit.systems.encoder.teacher_outputs import TeacherOutputs
from massive_kit.systems.language_modelling.auxiliary_text import BatchesWithText

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
        reads_layers: Whether one of them reads the model's hidden states.
    """

    losses: Mapping[str, SoftLoss]
    weights: Mapping[str, float]
    reads_layers: bool = False

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
        second_cuts: The training rows cut anew, as often as they are trained on; `None` where they
            are read in one cut.
        taught: What a teacher says; `None` without one.
    """

    recipe: EncoderRecipe
    second_cuts: EncoderDataset | None
    taught: TeacherOutputs | None

    @classmethod
    def of(
        cls,
        recipe: EncoderRecipe,
        task_data: TaskData,
        tokenizer: Any,
        copies: int,
        body: PreTrainedConfig,
    ) -> SoftTargets | None:
        """What a recipe asks for; `None` where it asks for nothing.

        Args:
            recipe: The recipe.
            task_data: The task on its data.
            tokenizer: Cuts text.
            copies: How many cuts of the training rows there are.
            body: The configuration of the model's body.

        Raises:
            ConfigError: The tokenizer gives cuts no probabilities, or there is too much to teach.
        """
        second_cuts = None
        if CONSISTENCY in recipe.objective.auxiliary:
            second_cuts = _second_cuts(recipe, task_data, tokenizer, copies)
        taught = TeacherOutputs.of(recipe, task_data, tokenizer, body)
        if second_cuts is None and taught is None:
            return None
        return cls(recipe, second_cuts, taught)

    @property
    def sets(self) -> tuple[EncoderDataset, ...]:
        """All that is read."""
        text = None if self.taught is None else self.taught.text
        return tuple(data for data in (self.second_cuts, text) if data is not None)

    @property
    def facts(self) -> dict[str, int]:
        """For `run.json`: how much is taught."""
        return {} if self.taught is None else {"taught_rows": len(self.taught.outputs)}

    def remapped(self, table: NDArray[np.int32]) -> SoftTargets:
        """The same with other subword ids: `table[old] = new`."""
        return replace(
            self,
            second_cuts=self.second_cuts and self.second_cuts.remapped(table),
            taught=self.taught and self.taught.remapped(table),
        )

    def losses(self) -> SoftLosses:
        """The losses, for the model."""
        objective = self.recipe.objective
        losses: dict[str, SoftLoss] = {}
        reads_layers = False
        if self.second_cuts is not None:
            losses[CONSISTENCY] = Consistency(auxiliary_settings(objective, CONSISTENCY))
        if (name := teaching_objective(objective)) is not None:
            layers = () if self.taught is None else self.taught.layers
            losses[name] = Distillation(auxiliary_settings(objective, name), layers)
            reads_layers = bool(layers)
        return SoftLosses(losses, objective.auxiliary, reads_layers)

    def beside(self, labelled: BatchDataset, train: EncoderDataset) -> BatchDataset:
        """Labelled batches, each with what is read beside it.

        Args:
            labelled: The batches.
            train: The rows that they are of.
        """
        of_rows: dict[str, BatchDataset] = {}
        batches, seed = labelled, self.recipe.training.seed
        if self.second_cuts is not None:
            of_rows[CONSISTENCY] = SecondCuts(train, self.second_cuts)
        name, taught = teaching_objective(self.recipe.objective), self.taught
        if name is not None and taught is not None:
            if taught.text is None:
                of_rows[name] = TaughtRows(train, taught.outputs)
            else:
                texts = {name: TaughtRows(taught.text, taught.outputs, with_text=True)}
                # Not the texts that another objective draws.
                batches = BatchesWithText(batches, taught.text.lengths, texts, seed + 2)
        return BatchesWithRows(batches, of_rows, seed) if of_rows else batches


def _second_cuts(
    recipe: EncoderRecipe, task_data: TaskData, tokenizer: Any, copies: int
) -> EncoderDataset:
    settings = auxiliary_settings(recipe.objective, CONSISTENCY)
    return encode_sampled(
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
