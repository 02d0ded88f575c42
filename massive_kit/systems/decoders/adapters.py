"""LoRA adapters in folders: safetensors and a configuration, of use with their own base alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.tuners_utils import BaseTunerLayer
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn
from transformers import PreTrainedModel

from massive_kit.engine.weight_fingerprint import fingerprint
from massive_kit.errors import MassiveKitError, MissingDataError

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
# As `peft` names what stands in a file and in a model.
_PREFIX = "base_model.model."
_NAME = ".default"
# In the header of the weights: which base they were trained on.
_BASE_MARK = "massive_kit_base"


def is_adapter(base: str) -> bool:
    """Whether a base is the folder of an adapter."""
    return (Path(base) / CONFIG).is_file()


def read_config(folder: Path) -> Any:
    """The configuration of an adapter.

    Raises:
        MassiveKitError: It is no LoRA configuration that names a base.
    """
    try:
        config = LoraConfig.from_pretrained(str(folder))
    except (OSError, TypeError, ValueError) as error:
        raise MassiveKitError(f"{folder / CONFIG} cannot be read: {error}") from None
    if not isinstance(config, LoraConfig) or not config.base_model_name_or_path:
        raise MassiveKitError(f"{folder / CONFIG} is no LoRA configuration that names its base")
    return config


def check_bases(folder: Path) -> None:
    """Makes sure that an adapter stands, over whatever other adapters, on a model.

    Raises:
        MassiveKitError: One of them stands on itself, or cannot be read.
    """
    passed: list[Path] = []
    while is_adapter(str(folder)):
        if folder.resolve() in passed:
            raise MassiveKitError(
                f"{folder / CONFIG} names a base that leads back to the adapter itself; name the"
                " model that it was trained on (base_model_name_or_path)"
            )
        passed.append(folder.resolve())
        folder = Path(read_config(folder).base_model_name_or_path)


def add_adapter(model: PreTrainedModel, config: Any) -> None:
    """Puts new LoRA layers into a model; all else is frozen from then on."""
    model.requires_grad_(requires_grad=False)
    inject_adapter_in_model(config, model)
    for name, parameter in _adapter(model).items():
        parameter.requires_grad_(requires_grad=True)
        # A base in bf16 is exact enough to be read; to be trained, weights need finer steps.
        _owner(model, name).to(torch.float32)


def save_adapter(folder: Path, model: PreTrainedModel, config: Any, base_mark: str) -> None:
    """Writes an adapter into a folder, as `peft` and `transformers` read it.

    Args:
        folder: Where to.
        model: With LoRA layers.
        config: Of the adapter.
        base_mark: The `fingerprint` of the base.
    """
    config.inference_mode = True
    config.target_modules = sorted(config.target_modules)
    config.save_pretrained(str(folder))
    weights = {
        _PREFIX + name.replace(_NAME, ""): parameter.detach().cpu().contiguous()
        for name, parameter in _adapter(model).items()
    }
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt", _BASE_MARK: base_mark})


def load_adapter(folder: Path, model: PreTrainedModel, config: Any) -> None:
    """Puts an adapter into its base.

    Raises:
        MissingDataError: It has no weights in safetensors.
        MassiveKitError: It is damaged, was trained on another base, or does not fit.
    """
    path = folder / WEIGHTS
    if not path.is_file():
        raise MissingDataError(f"the adapter in {folder} has no {WEIGHTS}; no other format is read")
    try:
        with safe_open(path, "pt") as file:
            mark = (file.metadata() or {}).get(_BASE_MARK)
            # The file is no mapping.
            weights = {name: file.get_tensor(name) for name in [*file.keys()]}
    except SafetensorError as error:
        raise MassiveKitError(f"{path} cannot be read: {error}") from None
    # Adapters that others made bear no mark.
    if mark is not None and mark != fingerprint(model):
        raise MassiveKitError(
            f"the adapter in {folder} was trained on other weights than those of"
            f" {config.base_model_name_or_path}; name its base there ({CONFIG})"
        )
    add_adapter(model, config)
    parameters = {
        _PREFIX + name.replace(_NAME, ""): parameter for name, parameter in _adapter(model).items()
    }
    if parameters.keys() != weights.keys() or any(
        parameters[name].shape != weight.shape for name, weight in weights.items()
    ):
        raise MassiveKitError(f"{path} holds other layers than {CONFIG} and the base say")
    with torch.no_grad():
        for name, weight in weights.items():
            parameters[name].copy_(weight)


def merge_adapter(model: PreTrainedModel) -> None:
    """Adds the adapter to the weights of its base, and takes it out of the model."""
    for name, module in [*model.named_modules()]:
        if isinstance(module, BaseTunerLayer):
            module.merge(safe_merge=True)
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, module.get_base_layer())
    # What `peft` left of it.
    del model.peft_config
    model.requires_grad_(requires_grad=True)


def _adapter(model: nn.Module) -> dict[str, nn.Parameter]:
    return {name: p for name, p in model.named_parameters() if ".lora_" in name}


def _owner(model: nn.Module, parameter_name: str) -> nn.Module:
    return model.get_submodule(parameter_name.rpartition(".")[0])
