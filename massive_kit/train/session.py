"""What the trained families share: one Trainer run with resume and its best checkpoint."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import torch
from safetensors.torch import load_file
from transformers import PreTrainedModel, TrainingArguments, set_seed

from massive_kit.errors import TrainingError
from massive_kit.models.precision import choose_precision, quiet
from massive_kit.models.run_folder import RunFolder
from massive_kit.schema.recipe import Training
from massive_kit.train.trainer import Course, KitTrainer, latest_checkpoint

# Below this, halving the budget no longer helps.
_SMALLEST_BUDGET = 64


@dataclass(frozen=True, slots=True)
class Session:
    """Settings of one run on this machine.

    Attributes:
        training: The recipe's course.
        precision: bf16 or fp32, chosen.
        arguments: The Trainer's.
    """

    training: Training
    precision: str
    arguments: TrainingArguments

    @property
    def device(self) -> torch.device:
        """Where the model runs."""
        return self.arguments.device

    @property
    def sharded(self) -> bool:
        """Whether each process holds a part of the weights only."""
        return bool(self.arguments.fsdp) or os.environ.get("ACCELERATE_USE_FSDP") == "true"


def open_session(training: Training, folder: RunFolder) -> Session:
    """Seeds everything and sets the Trainer up, for one process or as one of several."""
    quiet()
    precision = choose_precision(training.precision)
    arguments = TrainingArguments(
        output_dir=str(folder.checkpoints),
        use_cpu=not torch.cuda.is_available(),
        bf16=precision == "bf16",
        seed=training.seed,
        gradient_accumulation_steps=training.accumulate,
        num_train_epochs=1,
        logging_steps=training.log_steps,
        logging_nan_inf_filter=False,
        # The kit's own callback says when to save; the Trainer only has to know that it may.
        save_strategy="steps",
        save_steps=2**31,
        eval_strategy="no",
        metric_for_best_model=f"eval_{training.metric}",
        greater_is_better=True,
        report_to=training.report_to or "none",
        disable_tqdm=True,
        torch_compile=training.compile,
        ddp_find_unused_parameters=False,
        remove_unused_columns=False,
        dataloader_pin_memory=torch.cuda.is_available(),
        full_determinism=training.deterministic,
        max_grad_norm=1.0,
    )
    set_seed(training.seed)
    return Session(training, precision, arguments)


def run_session(
    session: Session,
    model: PreTrainedModel,
    make_course: Callable[[Training], Course],
    folder: RunFolder,
    *,
    resume: bool,
) -> dict[str, Any] | None:
    """Trains, leaves the best weights in `model`, and on the writing rank returns the facts.

    Raises:
        TrainingError: The loss is no number, or memory ran out.
    """
    training = session.training
    arguments = session.arguments
    start = model_state(model) if training.shrink_on_oom else None
    while True:
        course = make_course(training)
        arguments.max_grad_norm = course.optimiser.max_grad_norm
        arguments.gradient_accumulation_steps = training.accumulate
        trainer = KitTrainer(model, arguments, course)
        checkpoint = latest_checkpoint(folder.checkpoints) if resume else None
        _cut_log(folder.log, checkpoint)
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        if checkpoint is not None and trainer.average is not None:
            trainer.average.load(checkpoint)
        began = time.monotonic()
        try:
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
            break
        except RuntimeError as error:
            if not _is_out_of_memory(error):
                raise
            smaller = _smaller(training)
            if start is None or smaller is None or session.arguments.world_size > 1:
                raise _out_of_memory(training) from None
            training, resume = smaller, False
            model.load_state_dict(start)
            torch.cuda.empty_cache()
    seconds = time.monotonic() - began
    _load_best(trainer, model, folder)
    if not trainer.is_world_process_zero():
        return None
    # A resumed run has done only a part of the plan here.
    done = (trainer.state.global_step - _first_step(checkpoint)) / max(1, course.steps)
    return {
        "steps": trainer.state.global_step,
        "epochs": round(course.epoch(trainer.state.global_step), 3),
        "best": {
            "metric": training.metric,
            "value": trainer.state.best_metric,
            "step": trainer.state.best_global_step,
        },
        "precision": session.precision,
        "processes": arguments.world_size,
        "batch_tokens": training.batch_tokens,
        "resumed": checkpoint is not None,
        "pieces": course.plan.pieces,
        "train_seconds": round(seconds, 1),
        "pieces_per_second": round(course.plan.pieces * done / max(1e-9, seconds)),
        "padding": round(course.plan.padding, 4),
        "peak_memory_mib": peak_memory(),
    }


def model_state(model: PreTrainedModel) -> dict[str, torch.Tensor]:
    """A copy of the weights."""
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def peak_memory() -> int:
    """Most memory this process has used, in MiB: the accelerator's if there is one."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated() / 2**20)
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak / (2**20 if platform.system() == "Darwin" else 2**10))


def _cut_log(path: Path, checkpoint: Path | None) -> None:
    """Drops the lines behind the checkpoint, which the run writes again."""
    last = _first_step(checkpoint)
    lines = path.read_bytes().splitlines() if path.is_file() and checkpoint else []
    kept = []
    for line in lines:
        try:
            if orjson.loads(line)["step"] <= last:
                kept.append(line + b"\n")
        except ValueError:
            # The line that a killed run did not finish.
            break
    path.write_bytes(b"".join(kept))


def _first_step(checkpoint: Path | None) -> int:
    return int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0


def _load_best(trainer: KitTrainer, model: PreTrainedModel, folder: RunFolder) -> None:
    trainer.accelerator.wait_for_everyone()
    best = folder.checkpoints / f"checkpoint-{trainer.state.best_global_step}"
    weights = best / "model.safetensors"
    if weights.is_file() and trainer.state.best_global_step != trainer.state.global_step:
        # Tied weights stand in the file once.
        model.load_state_dict(load_file(weights), strict=False)
        if trainer.average is not None:
            trainer.average.load(best)
    if trainer.average is not None:
        trainer.average.apply()


def _is_out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or "not enough memory" in str(error)


def _smaller(training: Training) -> Training | None:
    if training.batch_tokens is None or training.batch_tokens // 2 < _SMALLEST_BUDGET:
        return None
    return training.model_copy(
        update={"batch_tokens": training.batch_tokens // 2, "accumulate": training.accumulate * 2}
    )


def _out_of_memory(training: Training) -> TrainingError:
    if training.batch_rows is not None:
        change = f"-o training.batch_rows={max(1, training.batch_rows // 2)}"
    else:
        change = f"-o training.batch_tokens={(training.batch_tokens or 4096) // 2}"
    return TrainingError(
        f"memory ran out; make batches smaller with {change}"
        f" -o training.accumulate={training.accumulate * 2},"
        " or let the kit find the size with -o training.shrink_on_oom=true"
    )
