"""A session: one training run on this machine, as one process or as one of several."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from accelerate import PartialState
from numpy.typing import NDArray
from torch import distributed
from transformers import TrainingArguments, set_seed

from massive_kit.engine.distributed_dev import DevShare
from massive_kit.engine.evaluation import Evaluation
from massive_kit.engine.fsdp import check_sharding, is_sharded
from massive_kit.engine.memory import bound_kernel_cache
from massive_kit.engine.observer import SilentObserver, TextObserver
from massive_kit.engine.precision import choose_precision, quiet
from massive_kit.engine.reporting import TENSORBOARD, check_reporters
from massive_kit.engine.workspace import Workspace
from massive_kit.schema.optimiser import Optimiser
from massive_kit.schema.training import Training


@dataclass(frozen=True, slots=True)
class Session:
    """Settings of one run on this machine.

    Attributes:
        training: The recipe's course of training.
        optimiser: The recipe's optimiser.
        workspace: Where the run keeps its checkpoints and logs.
        precision: bf16 or fp32, chosen.
        processes: The processes of the run, and which of them this is.
        observer: Whom to tell how much text is read beside the training.
    """

    training: Training
    optimiser: Optimiser
    workspace: Workspace
    precision: str
    processes: PartialState
    observer: TextObserver = field(default_factory=SilentObserver)

    @property
    def rank(self) -> int:
        """The number of this process."""
        return int(self.processes.process_index)

    @property
    def world(self) -> int:
        """How many processes there are."""
        return int(self.processes.num_processes)

    @property
    def sharded(self) -> bool:
        """Whether each process holds a part of the weights only."""
        return is_sharded()

    @contextmanager
    def first_process_first(self) -> Iterator[None]:
        """Within the block the first process of a machine is alone; the others come after it.

        What it leaves in the cache they read.
        """
        with self.processes.local_main_process_first():
            yield

    def dev_share(self, lengths: NDArray[np.int64], offsets: NDArray[np.int64]) -> DevShare:
        """The rows of the dev set that this process predicts.

        Args:
            lengths: Shape (n,), subwords per row.
            offsets: Shape (n + 1,), where each row's values begin in what is predicted.
        """
        # Sharded weights are gathered in every step of a model, so that all processes have to take
        # the same steps.
        rank, world = (0, 1) if self.sharded else (self.rank, self.world)
        return DevShare.of(lengths, offsets, rank=rank, world=world)

    def arguments(self, training: Training, evaluation: Evaluation) -> TrainingArguments:
        """The Trainer's arguments for settings that may differ from the recipe's in batch sizes."""
        return TrainingArguments(
            **_basic_arguments(training, self.workspace),
            bf16=self.precision == "bf16",
            gradient_accumulation_steps=training.accumulate,
            num_train_epochs=1,
            logging_steps=training.log_steps,
            logging_nan_inf_filter=False,
            # The kit's own callback says when to save; the Trainer only has to know that it may.
            save_strategy="steps",
            save_steps=2**31,
            eval_strategy="no",
            metric_for_best_model=f"eval_{evaluation.metric}",
            greater_is_better=evaluation.greater_is_better,
            # TensorBoard gets a folder of its own in the workspace.
            report_to=[name for name in training.report_to if name != TENSORBOARD] or "none",
            disable_tqdm=True,
            ddp_find_unused_parameters=False,
            remove_unused_columns=False,
            dataloader_pin_memory=torch.cuda.is_available(),
            max_grad_norm=self.optimiser.max_grad_norm,
        )


def open_session(
    training: Training,
    optimiser: Optimiser,
    workspace: Workspace,
    observer: TextObserver | None = None,
) -> Session:
    """Seeds everything and finds out what this process is a part of.

    Args:
        training: The recipe's course of training.
        optimiser: The recipe's optimiser.
        workspace: Where the run keeps its checkpoints and logs.
        observer: Whom to tell how much text is read beside the training.

    Raises:
        ConfigError: A package to report with is missing.
        TrainingError: The run was launched in a way that does not fit.
    """
    quiet()
    bound_kernel_cache()
    check_reporters(training.report_to)
    check_sharding(training)
    # Asking for the device joins the other processes, with the backend that fits it.
    _ = TrainingArguments(**_basic_arguments(training, workspace), report_to="none").device
    _leave_at_exit()
    set_seed(training.seed)
    precision = choose_precision(training.precision)
    processes, observer = PartialState(), observer or SilentObserver()
    return Session(training, optimiser, workspace, precision, processes, observer)


def _leave_at_exit() -> None:
    """Has this process leave the others when it ends.

    Threads of gloo that are alive while an interpreter is taken down end the process with SIGABRT
    once in a while, when all is written.
    """
    if distributed.is_initialized() and distributed.get_backend() == "gloo":
        atexit.register(_leave)


def _leave() -> None:
    """Leaves the other processes and ends the threads that talk to them."""
    # Nothing happens where the process has left already.
    PartialState().destroy_process_group()
    # What torch remembers of sharded weights keeps their meshes to the end, and these the group.
    device_mesh = sys.modules.get("torch.distributed.device_mesh")
    if device_mesh is not None:
        for thing in gc.get_objects():
            if type(thing) is device_mesh.DeviceMesh:
                getattr(thing, "_pg_registry", {}).clear()
    gc.collect()


def _basic_arguments(training: Training, workspace: Workspace) -> dict[str, object]:
    return {
        "output_dir": str(workspace.checkpoints),
        "use_cpu": not torch.cuda.is_available(),
        "seed": training.seed,
    }
