"""The `transformers` Trainer, set up: planned batches, dev scores, whole checkpoints."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson
import torch
from torch import nn
from torch.utils.data import DataLoader
from transformers import (
    PreTrainedModel,
    PrinterCallback,
    ProgressCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from massive_kit.engine.batches import BatchPlan, PlannedRows, Rows
from massive_kit.engine.checkpoints import drop_checkpoints, finish_checkpoint
from massive_kit.engine.compiling import eager
from massive_kit.engine.optimiser import new_optimiser, new_schedule
from massive_kit.engine.weight_average import WeightAverage
from massive_kit.errors import TrainingError
from massive_kit.schema.recipe import Optimiser, Training
from massive_kit.systems.dev_scores import DevTable

# Behind advice to change the recipe: a run goes on with the one it began with only.
ELSEWHERE = "with another --out"
_KEPT = ("loss", "grad_norm", "learning_rate")

Evaluate = Callable[[PreTrainedModel], DevTable]


class Progress(Protocol):
    """What a run tells while it goes on."""

    def started(self, steps: int, done: int) -> None:
        """Training begins at a step."""

    def stepped(self, step: int) -> None:
        """An optimiser step is done."""

    def logged(self, values: Mapping[str, float]) -> None:
        """A line of the log."""

    def evaluated(self, table: DevTable, epoch: float, best: bool) -> None:
        """The dev set has been scored."""


class Silence:
    """Tells nothing."""

    def started(self, steps: int, done: int) -> None:
        """Says nothing."""

    def stepped(self, step: int) -> None:
        """Says nothing."""

    def logged(self, values: Mapping[str, float]) -> None:
        """Says nothing."""

    def evaluated(self, table: DevTable, epoch: float, best: bool) -> None:
        """Says nothing."""


@dataclass(frozen=True, slots=True)
class Course:
    """What a trainer needs beside the model.

    Attributes:
        rows: Gives whole batches by row numbers.
        plan: All batches of the run.
        evaluate: Scores the dev set.
        optimiser: AdamW and its schedule.
        training: The rest of the recipe.
        log: Where a JSON object a line goes.
        progress: Whom to tell.
    """

    rows: Rows
    plan: BatchPlan
    evaluate: Evaluate
    optimiser: Optimiser
    training: Training
    log: Path
    progress: Progress

    @property
    def steps(self) -> int:
        """Optimiser steps of the run."""
        return math.ceil(len(self.plan.batches) / self.training.accumulate)

    @property
    def evaluation_steps(self) -> frozenset[int]:
        """The steps after which the dev set is scored; the last is one of them."""
        count = min(self.training.evaluations, self.steps)
        return frozenset(round(self.steps * (i + 1) / count) for i in range(count))

    def epoch(self, step: int) -> float:
        """How many passes over the rows are done after a step; at the end, the recipe's number."""
        batch = step * self.training.accumulate
        before = 0
        for i, end in enumerate(self.plan.epoch_ends):
            if batch <= end:
                share = min(1.0, self.training.epochs - i)
                return i + share * (batch - before) / max(1, end - before)
            before = end
        return float(self.training.epochs)


class KitTrainer(Trainer):
    """A Trainer over a planned run; all epochs are one pass, so that resuming is skipping."""

    def __init__(
        self, model: PreTrainedModel, arguments: TrainingArguments, course: Course
    ) -> None:
        super().__init__(model=model, args=arguments, train_dataset=course.rows)
        # The loss of every model here is the mean over its batch; what else the Trainer takes it
        # for it would not divide by the batches of a step.
        self.model_accepts_loss_kwargs = False
        self.course = course
        past = course.training.average
        self.average = WeightAverage(model, past) if past else None
        self.remove_callback(PrinterCallback)
        self.remove_callback(ProgressCallback)
        self.add_callback(_Schedule(course, self.average))

    def get_train_dataloader(self) -> DataLoader[Any]:
        """The plan as it is: batches are made and sharded already."""
        return DataLoader(
            self.course.rows,
            batch_sampler=PlannedRows(self.course.plan),
            collate_fn=_unchanged,
            pin_memory=torch.cuda.is_available(),
        )

    optimizer: Any
    lr_scheduler: Any
    control: Any

    def create_optimizer(self, model: nn.Module | None = None) -> Any:
        """AdamW as the recipe says, fused."""
        if self.optimizer is None:
            self.optimizer = new_optimiser(model or self.model, self.course.optimiser)
        return self.optimizer

    def create_scheduler(
        self, num_training_steps: int, optimizer: torch.optim.Optimizer | None = None
    ) -> Any:
        """The recipe's schedule over the whole run."""
        if self.lr_scheduler is None:
            assert optimizer is not None or self.optimizer is not None
            self.lr_scheduler = new_schedule(
                optimizer or self.optimizer, self.course.optimiser, num_training_steps
            )
            self._created_lr_scheduler = True
        return self.lr_scheduler

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:  # noqa: ARG002 - the Trainer's
        """Not counted: the Trainer's estimate walks over all parameters in every step."""
        return 0

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Scores the dev set and tells."""
        with self.average.in_place() if self.average else nullcontext(), eager():
            table = self.course.evaluate(self.accelerator.unwrap_model(self.model))
        values = {f"eval_{name}": value for name, value in asdict(table.pooled).items()}
        best = values[f"eval_{self.course.training.metric}"] > (
            -1.0 if self.state.best_metric is None else self.state.best_metric
        )
        if self.is_world_process_zero():
            line = {
                "step": self.state.global_step,
                "dev": asdict(table.pooled),
                "locales": {name: asdict(one) for name, one in table.locales.items()},
            }
            self._append(line)
            self.course.progress.evaluated(table, self.course.epoch(self.state.global_step), best)
        self.log(values)
        # Callbacks get a copy: those that report elsewhere rename its keys.
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, dict(values)
        )
        return values

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Keeps a line of the log; a loss that is no number ends the run.

        Raises:
            TrainingError: The loss is not a finite number.
        """
        self.state.epoch = self.course.epoch(self.state.global_step)
        super().log(logs, start_time)
        loss = logs.get("loss")
        if loss is None:
            return
        if not math.isfinite(loss):
            exact = " or fp32 (-o training.precision=fp32)" if self.args.bf16 else ""
            raise TrainingError(
                f"the loss is {loss} at step {self.state.global_step}; try a lower learning rate"
                f" (-o optimiser.lr={self.course.optimiser.lr / 2:g}){exact} {ELSEWHERE}"
            )
        if self.is_world_process_zero():
            kept: dict[str, float] = {name: logs[name] for name in _KEPT if name in logs}
            epoch = round(self.state.epoch, 4)
            self._append({"step": self.state.global_step, "epoch": epoch, **kept})
            self.course.progress.logged(kept)

    def _append(self, line: dict[str, Any]) -> None:
        with self.course.log.open("ab") as stream:
            stream.write(orjson.dumps(line) + b"\n")

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        # Every rank's random state has to be there before the checkpoint counts as whole.
        self.accelerator.wait_for_everyone()
        if self.args.should_save:
            current = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
            if self.average is not None:
                self.average.save(current)
            finish_checkpoint(current, self.course.training)
            drop_checkpoints(current.parent, self.state.global_step, self.state.best_global_step)


class _Schedule(TrainerCallback):
    """Evaluates and saves at the planned steps, ends early, and tells of progress."""

    def __init__(self, course: Course, average: WeightAverage | None) -> None:
        self.course = course
        self.average = average
        self.points = course.evaluation_steps

    def on_train_begin(
        self, _args: TrainingArguments, state: TrainerState, _control: TrainerControl, **_: Any
    ) -> None:
        self.course.progress.started(state.max_steps, state.global_step)

    def on_step_end(
        self, _args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> TrainerControl:
        if self.average is not None:
            self.average.update(state.global_step)
        if state.is_world_process_zero:
            self.course.progress.stepped(state.global_step)
        if state.global_step in self.points:
            control.should_log = control.should_evaluate = control.should_save = True
        return control

    def on_evaluate(
        self, _args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> TrainerControl:
        patience = self.course.training.patience
        if patience is None:
            return control
        name = f"eval_{self.course.training.metric}"
        scores = [line[name] for line in state.log_history if name in line]
        since_best = len(scores) - 1 - scores.index(max(scores)) if scores else 0
        if since_best >= patience:
            control.should_training_stop = True
        return control


def _unchanged(batch: Any) -> Any:
    return batch
