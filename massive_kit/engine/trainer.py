"""The `transformers` Trainer, set up: planned batches, dev reports, whole checkpoints."""

from __future__ import annotations

import math
from contextlib import nullcontext
from pathlib import Path
from typing import Any

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

from massive_kit.engine.attention_masks import has_padding, known_whole
from massive_kit.engine.batches import PlannedRows
from massive_kit.engine.checkpoints import drop_checkpoints, finish_checkpoint
from massive_kit.engine.compiling import eager
from massive_kit.engine.fit_plan import FitPlan
from massive_kit.engine.optimiser import new_optimiser, new_schedule
from massive_kit.engine.trained_weights import load_trained, save_trained
from massive_kit.engine.transfers import moved
from massive_kit.engine.weight_average import WeightAverage
from massive_kit.errors import TrainingError

_KEPT = ("loss", "grad_norm", "learning_rate")
_WHOLE = "whole"


class KitTrainer(Trainer):
    """A Trainer over a planned run; all epochs are one pass, so that resuming is skipping."""

    def __init__(self, model: PreTrainedModel, arguments: TrainingArguments, plan: FitPlan) -> None:
        super().__init__(model=model, args=arguments, train_dataset=plan.batches)
        # The loss of every model here is the mean over its batch; what else the Trainer takes it
        # for it would not divide by the batches of a step.
        self.model_accepts_loss_kwargs = False
        self.plan = plan
        past = plan.training.average
        self.average = WeightAverage(model, past) if past else None
        self.remove_callback(PrinterCallback)
        self.remove_callback(ProgressCallback)
        self.add_callback(_Schedule(plan, self.average))

    def get_train_dataloader(self) -> DataLoader[Any]:
        """The plan as it is: batches are made and sharded already."""
        return DataLoader(
            self.plan.batches,
            batch_sampler=PlannedRows(self.plan.batch_plan),
            collate_fn=_marked,
            pin_memory=torch.cuda.is_available(),
        )

    optimizer: Any
    lr_scheduler: Any
    control: Any

    def create_optimizer(self, model: nn.Module | None = None) -> Any:
        """AdamW as the recipe says, fused."""
        if self.optimizer is None:
            self.optimizer = new_optimiser(
                model or self.model,
                self.plan.optimiser,
                self.plan.rate_factor,
                self.plan.first_step,
            )
        return self.optimizer

    def create_scheduler(
        self, num_training_steps: int, optimizer: torch.optim.Optimizer | None = None
    ) -> Any:
        """The recipe's schedule over the whole run."""
        if self.lr_scheduler is None:
            assert optimizer is not None or self.optimizer is not None
            self.lr_scheduler = new_schedule(
                optimizer or self.optimizer, self.plan.optimiser, num_training_steps
            )
            self._created_lr_scheduler = True
        return self.lr_scheduler

    def training_step(self, model: nn.Module, inputs: dict[str, Any], *rest: Any) -> torch.Tensor:
        """The gradients of a batch; nothing in it waits for the device."""
        with known_whole(whole=inputs.pop(_WHOLE)):
            loss: torch.Tensor = super().training_step(model, inputs, *rest)
        return loss

    def _prepare_input(self, data: Any) -> Any:
        # The Trainer's own copies would wait for the device.
        if isinstance(data, torch.Tensor):
            return moved(data, self.args.device)
        return super()._prepare_input(data)

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> Any:
        """The objective's loss of a batch."""
        del num_items_in_batch
        loss = self.plan.objective(model, inputs)
        return (loss, {}) if return_outputs else loss

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:  # noqa: ARG002 - the Trainer's
        """Not counted: the Trainer's estimate walks over all parameters in every step."""
        return 0

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Scores the dev set and tells."""
        evaluation = self.plan.evaluation
        with self.average.in_place() if self.average else nullcontext(), eager():
            report = evaluation.evaluate(self.accelerator.unwrap_model(self.model))
        values = {f"eval_{name}": value for name, value in report.values.items()}
        best = evaluation.better(report.values[evaluation.metric], self.state.best_metric)
        if self.is_world_process_zero():
            line = {"step": self.state.global_step, "dev": report.values, "locales": report.parts}
            self.plan.log.append(line)
            self.plan.observer.evaluated(
                report,
                metric=evaluation.metric,
                epoch=self.plan.epoch(self.state.global_step),
                best=best,
            )
        self.log(values)
        # Callbacks get a copy: those that report elsewhere rename its keys.
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, dict(values)
        )
        return values

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Keeps a line of the log; a loss that is not a number ends the run.

        Raises:
            TrainingError: The loss is not a finite number.
        """
        self.state.epoch = self.plan.epoch(self.state.global_step)
        super().log(logs, start_time)
        loss = logs.get("loss")
        if loss is None:
            return
        if not math.isfinite(loss):
            exact = " or fp32 (-o training.precision=fp32)" if self.args.bf16 else ""
            raise TrainingError(
                f"the loss is {loss} at step {self.state.global_step}; try a lower learning rate"
                f" (-o optimiser.lr={self.plan.optimiser.lr / 2:g}){exact} with another --out"
            )
        if self.is_world_process_zero():
            kept: dict[str, float] = {name: logs[name] for name in _KEPT if name in logs}
            epoch = round(self.state.epoch, 4)
            self.plan.log.append({"step": self.state.global_step, "epoch": epoch, **kept})
            self.plan.observer.logged(kept)

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        if not self.plan.trained_alone or output_dir is None:
            super()._save(output_dir, state_dict)
        elif self.args.should_save:
            folder = Path(output_dir)
            folder.mkdir(parents=True, exist_ok=True)
            save_trained(self.accelerator.unwrap_model(self.model), folder, state_dict)

    def _load_from_checkpoint(
        self, resume_from_checkpoint: str, model: nn.Module | None = None
    ) -> None:
        if self.plan.trained_alone and not self.is_fsdp_enabled:
            load_trained(self.model, Path(resume_from_checkpoint))
        else:
            super()._load_from_checkpoint(resume_from_checkpoint, model)

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        # Every rank's random state has to be there before the checkpoint counts as whole.
        self.accelerator.wait_for_everyone()
        if self.args.should_save:
            current = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
            if self.average is not None:
                self.average.save(current)
            finish_checkpoint(current, self.plan.training)
            drop_checkpoints(current.parent, self.state.global_step, self.state.best_global_step)


class _Schedule(TrainerCallback):
    """Evaluates and saves at the planned steps, ends early, and tells of progress."""

    def __init__(self, plan: FitPlan, average: WeightAverage | None) -> None:
        self.plan = plan
        self.average = average
        self.points = plan.evaluation_steps

    def on_train_begin(
        self, _args: TrainingArguments, state: TrainerState, _control: TrainerControl, **_: Any
    ) -> None:
        self.plan.observer.started(state.max_steps, state.global_step)

    def on_step_end(
        self, _args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> TrainerControl:
        if self.average is not None:
            self.average.update(state.global_step)
        if state.is_world_process_zero:
            self.plan.observer.stepped(state.global_step)
        if state.global_step in self.points:
            control.should_log = control.should_evaluate = control.should_save = True
        return control

    def on_evaluate(
        self, _args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> TrainerControl:
        patience, evaluation = self.plan.training.patience, self.plan.evaluation
        if patience is None:
            return control
        name = f"eval_{evaluation.metric}"
        scores = [line[name] for line in state.log_history if name in line]
        best = max if evaluation.greater_is_better else min
        since_best = len(scores) - 1 - scores.index(best(scores)) if scores else 0
        if since_best >= patience:
            control.should_training_stop = True
        return control


def _marked(batch: dict[str, Any]) -> dict[str, Any]:
    """A batch that says whether it has padding, which is known as long as it is on the CPU."""
    return batch | {_WHOLE: not has_padding(batch)}
