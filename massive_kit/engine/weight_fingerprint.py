"""Whether two models have the same weights."""

from __future__ import annotations

import hashlib

import torch
from torch import nn

# Values of each weight that are looked at.
_SAMPLED = 16


def fingerprint(model: nn.Module) -> str:
    """A hash of a model's weights: of their names, their shapes, and a few values of each.

    The same whether they are read in fp32 or bf16.
    """
    digest = hashlib.sha256()
    for name, parameter in sorted(model.named_parameters()):
        values = parameter.detach().flatten()
        sample = values[:: max(1, len(values) // _SAMPLED)][:_SAMPLED].to("cpu", torch.bfloat16)
        digest.update(f"{name} {tuple(parameter.shape)} {sample.tolist()}\n".encode())
    return digest.hexdigest()
