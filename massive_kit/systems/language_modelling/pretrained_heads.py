"""The head for masked words that a base brings along, as those of XLM-R and BERT do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForMaskedLM, PreTrainedModel
from transformers.configuration_utils import PreTrainedConfig

from massive_kit.engine.base_models import load_base
from massive_kit.schema.base_model import BaseModelSettings
from massive_kit.systems.language_modelling.heads import TextHead

# What the parts of a head are called in models, by what they are called here; the first that fits.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "dense.weight": ("dense.weight", "vocab_transform.weight"),
    "dense.bias": ("dense.bias", "vocab_transform.bias"),
    "norm.weight": ("layer_norm.weight", "LayerNorm.weight", "vocab_layer_norm.weight"),
    "norm.bias": ("layer_norm.bias", "LayerNorm.bias", "vocab_layer_norm.bias"),
    "bias": ("lm_head.bias", "predictions.bias", "decoder.bias", "vocab_projector.bias"),
}


def take_over(head: TextHead, settings: BaseModelSettings, config: PreTrainedConfig) -> bool:
    """Gives a head for subwords the weights of the one that a base was trained with.

    Args:
        head: A head with a class for each subword.
        settings: Which base.
        config: Its configuration.

    Returns:
        Whether the base has such a head, of this form.
    """
    names = getattr(config, "architectures", None) or []
    gelu = str(getattr(config, "hidden_act", getattr(config, "activation", ""))) == "gelu"
    if head.weight is not None or not gelu or not any("MaskedLM" in name for name in names):
        return False
    missing: set[str] = set()

    def load(*arguments: Any, **options: Any) -> PreTrainedModel:
        model, report = AutoModelForMaskedLM.from_pretrained(
            *arguments, **options, output_loading_info=True
        )
        missing.update(report["missing_keys"])
        return model

    model = load_base(load, settings, config)
    body = f"{model.base_model_prefix}."
    weights = {
        name: value
        for name, value in model.state_dict().items()
        if not name.startswith(body) and name not in missing
    }
    taken = {part: _named(weights, known) for part, known in _NAMES.items()}
    mine = head.state_dict()
    bias = taken["bias"]
    if bias is not None and len(bias) < len(mine["bias"]):
        # Special subwords may have been added.
        more = torch.zeros(len(mine["bias"]) - len(bias))
        taken["bias"] = torch.cat([bias, more])
    fitting = {
        part: value
        for part, value in taken.items()
        if value is not None and value.shape == mine[part].shape
    }
    if fitting.keys() != mine.keys():
        return False
    head.load_state_dict(fitting)
    return True


def _named(weights: Mapping[str, Tensor], known: tuple[str, ...]) -> Tensor | None:
    for end in known:
        for name, value in weights.items():
            if name == end or name.endswith(f".{end}"):
                return value
    return None
