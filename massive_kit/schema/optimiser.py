"""The optimiser's settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from massive_kit.schema.config import Strict


class Optimiser(Strict):
    """AdamW and its schedule.

    Attributes:
        lr: Highest learning rate, reached at the end of the warm-up.
        schedule: What the learning rate does after the warm-up: fall to 0 at the end of the run in
            a straight line or along a cosine, or stay constant.
        warmup: Optimiser steps over which the learning rate rises; below 1, a share of all steps.
        weight_decay: Decoupled weight decay; biases and norms do not decay.
        beta1: Weight of the past in the running mean of the gradients.
        beta2: Weight of the past in the running mean of the squared gradients.
        eps: Added to the denominator of an update, so that it is never 0.
        max_grad_norm: Gradients with a larger norm are scaled down to it; 0 for no clipping.
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
        layer_decay: Factor on the learning rate from each layer to the one below it; 1 gives all
            layers the same rate.
        head_lr: Factor on the learning rate of the heads.
    """

    layer_decay: float = Field(default=1.0, gt=0, le=1)
    head_lr: float = Field(default=1.0, gt=0)
