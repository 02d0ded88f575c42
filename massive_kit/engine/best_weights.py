"""The weights of the best checkpoint, back in the model that was trained."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import load_file
from transformers import PreTrainedModel

from massive_kit.engine.fsdp import whole_model
from massive_kit.engine.trainer import KitTrainer


def load_best_weights(
    trainer: KitTrainer, model: PreTrainedModel, checkpoints: Path, *, sharded: bool
) -> PreTrainedModel:
    """The model with the weights of the best evaluation, averaged where the run averages."""
    best = checkpoints / f"checkpoint-{trainer.state.best_global_step}"
    if sharded:
        return whole_model(model, best)
    weights = best / "model.safetensors"
    if weights.is_file() and trainer.state.best_global_step != trainer.state.global_step:
        # Tied weights stand in the file once.
        model.load_state_dict(load_file(weights), strict=False)
        if trainer.average is not None:
            trainer.average.load(best)
    if trainer.average is not None:
        trainer.average.apply()
    return model
