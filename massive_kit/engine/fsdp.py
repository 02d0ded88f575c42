"""FSDP2: each process holds a part of the weights only.

`accelerate launch --use_fsdp --fsdp_version 2 --fsdp_state_dict_type FULL_STATE_DICT
--fsdp_auto_wrap_policy TRANSFORMER_BASED_WRAP --num_processes 2 -m massive_kit train ...`
"""

from __future__ import annotations

import os
from pathlib import Path

from torch.distributed.fsdp import FSDPModule
from transformers import PreTrainedModel, Trainer

from massive_kit.errors import TrainingError
from massive_kit.schema.training import Training


def is_sharded() -> bool:
    """Whether `accelerate launch` was asked for FSDP."""
    return os.environ.get("ACCELERATE_USE_FSDP", "").lower() == "true"


def check_sharding(training: Training) -> None:
    """Finds out whether a run can do what it was launched for.

    Raises:
        TrainingError: The launcher's settings or the recipe's do not fit.
    """
    if not is_sharded():
        return
    if os.environ.get("FSDP_VERSION") != "2":
        raise TrainingError("FSDP has to be version 2; launch with --fsdp_version 2")
    if os.environ.get("FSDP_STATE_DICT_TYPE", "FULL_STATE_DICT") != "FULL_STATE_DICT":
        raise TrainingError(
            "checkpoints have to hold whole weights;"
            " launch with --fsdp_state_dict_type FULL_STATE_DICT"
        )
    if training.average:
        raise TrainingError(
            "no process has the whole weights to average;"
            " add -o training.average=0 or launch without --use_fsdp"
        )


def check_sharded(trainer: Trainer) -> None:
    """Makes sure that weights are sharded where that was asked for.

    Raises:
        TrainingError: They are not: on CPUs `accelerate` leaves FSDP out without a word.
    """
    if is_sharded() and not trainer.is_fsdp_enabled:
        raise TrainingError(
            "accelerate shards weights over several GPUs only; launch without --use_fsdp"
        )


def whole_model(model: PreTrainedModel, checkpoint: Path) -> PreTrainedModel:
    """The model of a checkpoint, none of which is elsewhere, in the place of a sharded one."""
    kinds = (kind for kind in type(model).__mro__ if not issubclass(kind, FSDPModule))
    plain_class: type[PreTrainedModel] = next(kinds)
    return plain_class.from_pretrained(checkpoint, use_safetensors=True)
