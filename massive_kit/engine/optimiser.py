"""AdamW and its learning-rate schedule."""

from __future__ import annotations

import math
import re
from typing import Any

import torch
from torch import nn

from massive_kit.schema.recipe import Optimiser

_LAYER = re.compile(r"\.(?:layer|layers|block|h)\.(\d+)\.")


def new_optimiser(model: nn.Module, settings: Optimiser) -> torch.optim.AdamW:
    """AdamW over the trainable parameters; biases and norms do not decay."""
    depth = 1 + max(
        (int(match[1]) for name, _ in model.named_parameters() if (match := _LAYER.search(name))),
        default=0,
    )
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            decay = 0.0 if parameter.ndim < 2 else settings.weight_decay  # noqa: PLR2004 - a vector
            rate = settings.lr * _factor(name, depth, settings)
            groups.setdefault((rate, decay), []).append(parameter)
    options: list[dict[str, Any]] = [
        {"params": parameters, "lr": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]
    return torch.optim.AdamW(
        options,
        lr=settings.lr,
        betas=(settings.beta1, settings.beta2),
        eps=settings.eps,
        fused=True,
    )


def new_schedule(
    optimiser: torch.optim.Optimizer, settings: Optimiser, steps: int
) -> torch.optim.lr_scheduler.LambdaLR:
    """Warm-up, then constant, linear to zero or cosine to zero over `steps`."""
    warmup = settings.warmup if settings.warmup >= 1 else settings.warmup * steps

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / (warmup + 1)
        if settings.schedule == "constant":
            return 1.0
        left = max(0.0, (steps - step) / max(1.0, steps - warmup))
        if settings.schedule == "linear":
            return left
        return 0.5 * (1 - math.cos(math.pi * left))

    return torch.optim.lr_scheduler.LambdaLR(optimiser, factor)


def _factor(name: str, depth: int, settings: Optimiser) -> float:
    if not name.removeprefix("module.").startswith("body."):
        return settings.head_lr
    if settings.layer_decay == 1:
        return 1.0
    match = _LAYER.search(name)
    if match:
        return settings.layer_decay ** (depth - 1 - int(match[1]))
    # Embeddings stand below the lowest layer, a last norm above the highest.
    return settings.layer_decay**depth if "embed" in name or "shared" in name else 1.0
