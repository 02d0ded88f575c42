"""The optimiser's settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from massive_kit.schema.config import Strict


class Optimiser(Strict):
    """AdamW and its schedule.

    Attributes:
        lr: Highest learning rate.
        schedule: How it goes on after the warm-up.
        warmup: Steps, or a share of all steps if below 1.
        weight_decay: Decoupled.
        beta1: Weight of the past in the mean of the gradients.
        beta2: Weight of the past in the mean of their squares.
        eps: In the denominator.
        max_grad_norm: Gradients are clipped to it; 0 clips none.
    """

    lr: float = Field(default=1e-4, gt=0)
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    warmup: float = Field(default=0.05, ge=0)
    weight_decay: float = Field(default=0.01, ge=0)
    beta1: float = Field(default=0.9, ge=0, lt=1)
    beta2: float = Field(default=0.999, ge=0, lt=1)
    eps: float = Field(default=1e-8, gt=0)
    max_grad_norm: float = Field(default=1.0, ge=0)


class LayerwiseOptimiser(Optimiser):
    """AdamW for a body of layers with heads on top.

    Attributes:
        layer_decay: Factor on the learning rate from a layer to the one below.
        head_lr: Factor on the learning rate for the heads.
    """

    layer_decay: float = Field(default=1.0, gt=0, le=1)
    head_lr: float = Field(default=1.0, gt=0)
