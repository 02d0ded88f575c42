"""Fits a model: the middle of prepare, fit, save. It knows no intents, no slots and no kind."""

from __future__ import annotations

import gc
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedModel

from massive_kit.engine.base_models import check_lengths
from massive_kit.engine.batches import BatchDataset, BatchPlan, plan_batches
from massive_kit.engine.best_weights import load_best_weights
from massive_kit.engine.checkpoints import as_checkpointed, latest_checkpoint, step_of
from massive_kit.engine.compiling import compiled
from massive_kit.engine.determinism import repeatable
from massive_kit.engine.evaluation import Evaluation
from massive_kit.engine.fit_plan import FitPlan
from massive_kit.engine.fsdp import check_sharded
from massive_kit.engine.memory import (
    is_out_of_memory,
    out_of_memory_error,
    release_memory,
    smaller_batches,
)
from massive_kit.engine.objectives import Objective
from massive_kit.engine.observer import SilentObserver, TrainingObserver
from massive_kit.engine.recomputing import recompute_layers
from massive_kit.engine.reporting import TENSORBOARD, to_tensorboard
from massive_kit.engine.session import Session
from massive_kit.engine.trained_weights import copy_trained
from massive_kit.engine.trainer import KitTrainer
from massive_kit.engine.training_log import TrainingLog
from massive_kit.schema.training import Training


@dataclass(frozen=True, slots=True)
class FitInputs:
    """What a kind of system prepares for the engine.

    Attributes:
        model: With its start weights; parameters that are not trained are marked.
        batches: The training rows, which give whole batches by row numbers.
        lengths: Shape (rows,), subwords per row; batches are planned by it.
        objective: What is minimised.
        evaluation: How the dev set is scored.
        length_key: The recipe's key that caps the length of an input, for advice.
        packing: Where batches are packed, subwords of a sequence; see `plan_batches`.
        copies: How often `batches` holds the rows, in different segmentations.
        rate_factor: Takes a parameter's name and gives its factor on the learning rate.
        rebuild: Builds the model anew, as it was before training; with it, checkpoints hold the
            weights that are trained, alone.
        first_step: Takes a parameter's name and gives the first step that changes it.
    """

    model: PreTrainedModel
    batches: BatchDataset
    lengths: NDArray[np.int64]
    objective: Objective
    evaluation: Evaluation
    length_key: str
    packing: int | None = None
    copies: int = 1
    rate_factor: Callable[[str], float] | None = None
    rebuild: Callable[[], PreTrainedModel] | None = None
    first_step: Callable[[str], int] | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """What fitting leaves.

    Attributes:
        model: With its best weights, all of them.
        facts: For `run.json`.
    """

    model: PreTrainedModel
    facts: dict[str, Any]


def fit(
    session: Session,
    inputs: FitInputs,
    *,
    resume: bool = False,
    observer: TrainingObserver | None = None,
) -> Fitted | None:
    """Fits a model; on the writing rank returns it with its best weights, elsewhere `None`.

    Raises:
        ConfigError: Rows are longer than the model's positions, or its layers cannot be computed a
            second time.
        TrainingError: The loss is not a number, or memory ran out.
    """
    workspace = session.workspace
    with session.processes.main_process_first():
        checkpoint = latest_checkpoint(workspace.checkpoints) if resume else None
    training = as_checkpointed(session.training, checkpoint)
    start_weights = copy_trained(inputs.model) if training.shrink_on_oom else None
    check_lengths(inputs.model, inputs.batches.longest, inputs.length_key)
    if training.gradient_checkpointing:
        recompute_layers(inputs.model)
    # Cutting rows into subwords took much that is not needed any more.
    release_memory()
    while True:
        plan = _plan(session, inputs, training, observer or SilentObserver())
        try:
            trainer, seconds = _train(session, inputs, plan, checkpoint)
            break
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            smaller = smaller_batches(training)
            alone = session.world == 1
            if start_weights is None or smaller is None or not alone:
                raise out_of_memory_error(
                    training, smaller, length_key=inputs.length_key, may_shrink=alone
                ) from None
            # Checkpoints of other batches are of no use to a run that begins anew.
            shutil.rmtree(workspace.checkpoints, ignore_errors=True)
            training, checkpoint = smaller, None
        # Past the handler, since the error holds on to what the step had made so far.
        _begin_anew(inputs.model, start_weights)
    trainer.accelerator.wait_for_everyone()
    if not trainer.is_world_process_zero():
        return None
    # The best weights are read beside those of the last step.
    release_memory()
    model = load_best_weights(
        trainer,
        inputs.model,
        workspace.checkpoints,
        sharded=session.sharded,
        rebuild=inputs.rebuild,
    )
    return Fitted(model, _facts(session, plan, trainer, checkpoint, seconds))


def batch_plan_of(session: Session, inputs: FitInputs, training: Training) -> BatchPlan:
    """The batches of this process; `training` may differ from the session's in their size."""
    return plan_batches(
        inputs.lengths,
        epochs=training.epochs,
        seed=training.seed,
        tokens=training.token_budget,
        rows=training.batch_rows,
        rank=session.rank,
        world=session.world,
        copies=inputs.copies,
        packing=inputs.packing,
    )


def _begin_anew(model: PreTrainedModel, start_weights: dict[str, Tensor]) -> None:
    model.load_state_dict(start_weights, strict=False)
    model.zero_grad(set_to_none=True)
    # The trainer that failed, and with it the state of its optimiser, refers to itself.
    gc.collect()
    torch.cuda.empty_cache()


def _plan(
    session: Session, inputs: FitInputs, training: Training, observer: TrainingObserver
) -> FitPlan:
    return FitPlan(
        batches=inputs.batches,
        batch_plan=batch_plan_of(session, inputs, training),
        objective=inputs.objective,
        evaluation=inputs.evaluation,
        optimiser=session.optimiser,
        rate_factor=inputs.rate_factor,
        trained_alone=inputs.rebuild is not None,
        first_step=inputs.first_step,
        training=training,
        log=TrainingLog(session.workspace.log),
        observer=observer,
    )


def _train(
    session: Session, inputs: FitInputs, plan: FitPlan, checkpoint: Path | None
) -> tuple[KitTrainer, float]:
    """Runs the Trainer over the plan; returns it with the seconds it took."""
    training = plan.training
    trainer = KitTrainer(inputs.model, session.arguments(training, inputs.evaluation), plan)
    check_sharded(trainer)
    if trainer.is_world_process_zero():
        plan.log.cut_after(step_of(checkpoint))
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    if checkpoint is not None and trainer.average is not None:
        trainer.average.load(checkpoint)
    begin = time.monotonic()
    with (
        to_tensorboard(
            trainer,
            session.workspace.tensorboard,
            step_of(checkpoint),
            wanted=TENSORBOARD in training.report_to,
        ),
        repeatable(training.seed, wanted=training.deterministic),
        compiled(inputs.model, wanted=training.compile, one_shape=inputs.packing is not None),
    ):
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    return trainer, time.monotonic() - begin


def _facts(
    session: Session,
    plan: FitPlan,
    trainer: KitTrainer,
    checkpoint: Path | None,
    seconds: float,
) -> dict[str, Any]:
    training, state, batch_plan = plan.training, trainer.state, plan.batch_plan
    # A resumed run has done only a part of the plan here.
    share = (state.global_step - step_of(checkpoint)) / max(1, plan.steps)
    return {
        "steps": state.global_step,
        "epochs": round(plan.epoch(state.global_step), 3),
        "best": {
            "metric": plan.evaluation.metric,
            "value": state.best_metric,
            "step": state.best_global_step,
        },
        "precision": session.precision,
        "processes": session.world,
        "batch_tokens": training.token_budget,
        "batch_rows": training.batch_rows,
        "resumed": checkpoint is not None,
        # A file format calls subwords pieces.
        "pieces": batch_plan.subwords,
        "train_seconds": round(seconds, 1),
        "pieces_per_second": round(batch_plan.subwords * share / max(1e-9, seconds)),
        "padding": round(batch_plan.padding, 4),
    }
