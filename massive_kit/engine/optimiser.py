"""AdamW and its learning-rate schedule."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn

from massive_kit.schema.optimiser import Optimiser

_FIRST_STEP = "first_step"


def new_optimiser(
    model: nn.Module,
    settings: Optimiser,
    rate_factor: Callable[[str], float] | None = None,
    first_step: Callable[[str], int] | None = None,
) -> torch.optim.AdamW:
    """AdamW over the trainable parameters; biases and norms do not decay.

    Args:
        model: The model.
        settings: Of AdamW.
        rate_factor: Takes a parameter's name within the model and gives its factor on the learning
            rate; `None` for 1.
        first_step: Takes the same name and gives the first step that changes the parameter; `None`
            for 0. Its rate rises and falls from then on.
    """
    groups: dict[tuple[float, float, int], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            decay = 0.0 if parameter.ndim < 2 else settings.weight_decay  # noqa: PLR2004 - a vector
            # Distributed training wraps the model.
            plain_name = name.removeprefix("module.")
            rate = settings.lr * (rate_factor(plain_name) if rate_factor else 1.0)
            first = first_step(plain_name) if first_step else 0
            groups.setdefault((rate, decay, first), []).append(parameter)
    options: list[dict[str, Any]] = [
        {"params": parameters, "lr": rate, "weight_decay": decay}
        | ({_FIRST_STEP: first} if first else {})
        for (rate, decay, first), parameters in groups.items()
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
    """Warm-up, then constant, linear to zero or cosine to zero over `steps`.

    Parameters that are trained from a later step on warm up from there.
    """
    warmup = settings.warmup if settings.warmup >= 1 else settings.warmup * steps

    def factor(first: int, step: int) -> float:
        if step < first:
            return 0.0
        if step - first < warmup:
            return (step - first + 1) / (warmup + 1)
        if settings.schedule == "constant":
            return 1.0
        left = max(0.0, (steps - step) / max(1.0, steps - warmup - first))
        if settings.schedule == "linear":
            return left
        return 0.5 * (1 - math.cos(math.pi * left))

    factors = [partial(factor, group.get(_FIRST_STEP, 0)) for group in optimiser.param_groups]
    return torch.optim.lr_scheduler.LambdaLR(optimiser, factors)
