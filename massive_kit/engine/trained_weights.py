"""The weights that are trained, alone: what a checkpoint holds where the rest can be had again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from massive_kit.errors import MassiveKitError

FILE = "trained.safetensors"


def copy_trained(model: nn.Module) -> dict[str, Tensor]:
    """The trained weights as they are now, and what else changes with them, such as counters."""
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    changing = trained | dict(model.named_buffers())
    return {name: value.detach().clone() for name, value in changing.items()}


def save_trained(model: nn.Module, folder: Path, state: Mapping[str, Tensor] | None = None) -> None:
    """Writes the trained weights into a folder.

    Args:
        model: Says which weights are trained.
        folder: Where to.
        state: All weights, where the model holds a part of each.
    """
    values = model.state_dict() if state is None else state
    names = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    weights = {name: values[name].detach().cpu().contiguous() for name in names}
    save_file(weights, folder / FILE)


def load_trained(model: nn.Module, folder: Path) -> None:
    """Puts the trained weights of a folder into a model.

    Raises:
        MassiveKitError: They are not this model's.
    """
    weights = load_file(folder / FILE)
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    if weights.keys() != trained:
        raise MassiveKitError(f"{folder / FILE} holds the weights of another model")
    model.load_state_dict(weights, strict=False)
