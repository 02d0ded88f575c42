"""AdamW and its learning-rate schedule."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from massive_kit.schema.optimiser import Optimiser


def new_optimiser(
    model: nn.Module, settings: Optimiser, rate_factor: Callable[[str], float] | None = None
) -> torch.optim.AdamW:
    """AdamW over the trainable parameters; biases and norms do not decay.

    Args:
        model: The model.
        settings: Of AdamW.
        rate_factor: Takes a parameter's name within the model and gives its factor on the learning
            rate; `None` for 1.
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            decay = 0.0 if parameter.ndim < 2 else settings.weight_decay  # noqa: PLR2004 - a vector
            # Distributed training wraps the model.
            plain_name = name.removeprefix("module.")
            rate = settings.lr * (rate_factor(plain_name) if rate_factor else 1.0)
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
