"""What the trained families share: one Trainer run with resume and its best checkpoint."""

from __future__ import annotations

import platform
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from transformers import PreTrainedModel, TrainingArguments, set_seed

from massive_kit.engine.checkpoints import as_checkpointed, latest_checkpoint, step_of
from massive_kit.engine.compiling import compiled
from massive_kit.engine.determinism import repeatable
from massive_kit.engine.distributed_dev import DevShare
from massive_kit.engine.fsdp import check_sharded, check_sharding, is_sharded, whole_model
from massive_kit.engine.precision import choose_precision, quiet
from massive_kit.engine.reporting import TENSORBOARD, check_reporters, to_tensorboard
from massive_kit.engine.trainer import ELSEWHERE, Course, KitTrainer
from massive_kit.errors import TrainingError
from massive_kit.files.atomic import atomic_file
from massive_kit.runs.folder import RunFolder
from massive_kit.schema.recipe import Training
from massive_kit.systems.encoder.joint_building import check_lengths

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
        return is_sharded()

    def dev_share(self, lengths: NDArray[np.int64], token_offsets: NDArray[np.int64]) -> DevShare:
        """The rows of the dev set that this process predicts."""
        # Sharded weights are gathered in every step of a model, so that all processes have to take
        # the same steps.
        rank, world = self.arguments.process_index, self.arguments.world_size
        rank, world = (0, 1) if self.sharded else (rank, world)
        return DevShare.of(lengths, token_offsets, rank=rank, world=world)


@dataclass(frozen=True, slots=True)
class Trained:
    """What a run leaves.

    Attributes:
        model: With its best weights, all of them.
        facts: For `run.json`.
    """

    model: PreTrainedModel
    facts: dict[str, Any]


def open_session(training: Training, folder: RunFolder) -> Session:
    """Seeds everything and sets the Trainer up, for one process or as one of several.

    Raises:
        ConfigError: A package to report with is missing.
        TrainingError: The run was launched in a way that does not fit.
    """
    quiet()
    check_reporters(training.report_to)
    check_sharding(training)
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
        # TensorBoard gets a folder of its own in the run directory.
        report_to=[name for name in training.report_to if name != TENSORBOARD] or "none",
        disable_tqdm=True,
        ddp_find_unused_parameters=False,
        remove_unused_columns=False,
        dataloader_pin_memory=torch.cuda.is_available(),
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
) -> Trained | None:
    """Trains `model`; on the writing rank returns it with its best weights.

    Raises:
        TrainingError: The loss is no number, or memory ran out.
    """
    arguments = session.arguments
    with arguments.main_process_first(local=False):
        checkpoint = latest_checkpoint(folder.checkpoints) if resume else None
    training = as_checkpointed(session.training, checkpoint)
    start = model_state(model) if training.shrink_on_oom else None
    while True:
        course = make_course(training)
        arguments.max_grad_norm = course.optimiser.max_grad_norm
        arguments.gradient_accumulation_steps = training.accumulate
        check_lengths(model, course.rows.longest)
        trainer = KitTrainer(model, arguments, course)
        check_sharded(trainer)
        if trainer.is_world_process_zero():
            _cut_log(folder.log, checkpoint)
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        if checkpoint is not None and trainer.average is not None:
            trainer.average.load(checkpoint)
        began = time.monotonic()
        events = TENSORBOARD in training.report_to
        try:
            with (
                to_tensorboard(trainer, folder.tensorboard, step_of(checkpoint), wanted=events),
                repeatable(training.seed, wanted=training.deterministic),
                compiled(model, wanted=training.compile),
            ):
                trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
            break
        except RuntimeError as error:
            if not _is_out_of_memory(error):
                raise
            smaller = _smaller(training)
            alone = session.arguments.world_size == 1
            if start is None or smaller is None or not alone:
                raise _out_of_memory(training, smaller, may_shrink=alone) from None
            # Checkpoints of other batches are of no use to a run that begins anew.
            shutil.rmtree(folder.checkpoints, ignore_errors=True)
            training, checkpoint = smaller, None
            model.load_state_dict(start)
            torch.cuda.empty_cache()
    seconds = time.monotonic() - began
    trainer.accelerator.wait_for_everyone()
    if not trainer.is_world_process_zero():
        return None
    best = folder.checkpoints / f"checkpoint-{trainer.state.best_global_step}"
    if session.sharded:
        model = whole_model(model, best)
    else:
        _load_best(trainer, model, best)
    # A resumed run has done only a part of the plan here.
    done = (trainer.state.global_step - step_of(checkpoint)) / max(1, course.steps)
    facts = {
        "steps": trainer.state.global_step,
        "epochs": round(course.epoch(trainer.state.global_step), 3),
        "best": {
            "metric": training.metric,
            "value": trainer.state.best_metric,
            "step": trainer.state.best_global_step,
        },
        "precision": session.precision,
        "processes": arguments.world_size,
        "batch_tokens": training.token_budget,
        "batch_rows": training.batch_rows,
        "resumed": checkpoint is not None,
        "pieces": course.plan.pieces,
        "train_seconds": round(seconds, 1),
        "pieces_per_second": round(course.plan.pieces * done / max(1e-9, seconds)),
        "padding": round(course.plan.padding, 4),
        "peak_memory_mib": peak_memory(),
    }
    return Trained(model, facts)


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
    last = step_of(checkpoint)
    lines = path.read_bytes().splitlines() if path.is_file() and checkpoint else []
    kept = []
    for line in lines:
        try:
            if orjson.loads(line)["step"] <= last:
                kept.append(line + b"\n")
        except ValueError:
            # The line that a killed run did not finish.
            break
    with atomic_file(path) as stream:
        stream.write(b"".join(kept))


def _load_best(trainer: KitTrainer, model: PreTrainedModel, best: Path) -> None:
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
    """The course with batches of half the size, twice as many a step; `None` where none help."""
    budget, rows = training.token_budget, training.batch_rows
    if rows is not None and rows > 1:
        size = {"batch_rows": rows // 2}
    elif budget is not None and budget // 2 >= _SMALLEST_BUDGET:
        size = {"batch_tokens": budget // 2}
    else:
        return None
    return training.model_copy(update={**size, "accumulate": training.accumulate * 2})


def _out_of_memory(
    training: Training, smaller: Training | None, *, may_shrink: bool
) -> TrainingError:
    if smaller is None:
        return TrainingError(
            "memory ran out, and batches are as small as they can be; take a smaller model or"
            f" shorter inputs (-o model.max_length or model.max_input) {ELSEWHERE}"
        )
    name = "batch_tokens" if training.batch_rows is None else "batch_rows"
    ask = ""
    if may_shrink and not training.shrink_on_oom:
        ask = ", or let the kit find the size with -o training.shrink_on_oom=true,"
    return TrainingError(
        f"memory ran out; make batches smaller with -o training.{name}={getattr(smaller, name)}"
        f" -o training.accumulate={smaller.accumulate}{ask} {ELSEWHERE}"
    )
