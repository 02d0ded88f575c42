"""All that a trainer needs beside the model, settled before the first step."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from massive_kit.engine.batches import BatchDataset, BatchPlan
from massive_kit.engine.evaluation import Evaluation
from massive_kit.engine.objectives import Objective
from massive_kit.engine.observer import TrainingObserver
from massive_kit.engine.training_log import TrainingLog
from massive_kit.schema.optimiser import Optimiser
from massive_kit.schema.training import Training


@dataclass(frozen=True, slots=True)
class FitPlan:
    """One run of the Trainer.

    Attributes:
        batches: Gives whole batches by row numbers.
        batch_plan: All batches of the run.
        objective: What is minimised.
        evaluation: Scores the dev set.
        optimiser: AdamW and its schedule.
        rate_factor: Each parameter's factor on the learning rate, by name; `None` for 1.
        training: The rest of the recipe.
        log: Losses and dev scores.
        observer: Whom to tell.
        trained_alone: Whether checkpoints hold the trained weights alone.
        first_step: The first step that changes a parameter, by its name; `None` for 0.
    """

    batches: BatchDataset
    batch_plan: BatchPlan
    objective: Objective
    evaluation: Evaluation
    optimiser: Optimiser
    rate_factor: Callable[[str], float] | None
    training: Training
    log: TrainingLog
    observer: TrainingObserver
    trained_alone: bool = False
    first_step: Callable[[str], int] | None = None

    @property
    def steps(self) -> int:
        """Optimiser steps of the run."""
        return math.ceil(len(self.batch_plan.batches) / self.training.accumulate)

    @property
    def evaluation_steps(self) -> frozenset[int]:
        """The steps after which the dev set is scored; the last is one of them."""
        count = min(self.training.evaluations, self.steps)
        return frozenset(round(self.steps * (i + 1) / count) for i in range(count))

    def epoch(self, step: int) -> float:
        """How many passes over the rows are done after a step; at the end, the recipe's number."""
        batch = step * self.training.accumulate
        before = 0
        for i, end in enumerate(self.batch_plan.epoch_ends):
            if batch <= end:
                share = min(1.0, self.training.epochs - i)
                return i + share * (batch - before) / max(1, end - before)
            before = end
        return float(self.training.epochs)
