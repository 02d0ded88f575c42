"""The weights of the best checkpoint, back in the model that was trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from safetensors.torch import load_file
from transformers import PreTrainedModel

from massive_kit.engine.fsdp import whole_model
from massive_kit.engine.trained_weights import FILE, load_trained
from massive_kit.engine.trainer import KitTrainer


def load_best_weights(
    trainer: KitTrainer,
    model: PreTrainedModel,
    checkpoints: Path,
    *,
    sharded: bool,
    rebuild: Callable[[], PreTrainedModel] | None = None,
) -> PreTrainedModel:
    """The model with the weights of the best evaluation, averaged where the run averages.

    Args:
        trainer: After training.
        model: The model that was trained.
        checkpoints: The folder of the checkpoints.
        sharded: Whether no process has the whole weights.
        rebuild: Builds the model anew, where checkpoints hold the trained weights alone.
    """
    best = checkpoints / f"checkpoint-{trainer.state.best_global_step}"
    if sharded and rebuild is None:
        return whole_model(model, best)
    if sharded and rebuild is not None:
        model = rebuild()
        load_trained(model, best)
        return model
    weights = best / "model.safetensors"
    if trainer.state.best_global_step != trainer.state.global_step:
        if (best / FILE).is_file():
            load_trained(model, best)
        elif weights.is_file():
            # Tied weights stand in the file once.
            model.load_state_dict(load_file(weights), strict=False)
        if trainer.average is not None:
            trainer.average.load(best)
    if trainer.average is not None:
        trainer.average.apply()
    return model
