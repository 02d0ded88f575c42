"""Gradient reversal: nothing on the way forward, the negative of the gradient on the way back."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def reversed_gradient(values: Tensor, weight: Tensor) -> Tensor:
    """The same values, whose gradient comes back as its negative times a weight.

    The layer of Ganin and Lempitsky 2015.

    Args:
        values: Any tensor.
        weight: A scalar, which gets no gradient.
    """
    made: Tensor = _Reversal.apply(values, weight)
    return made


class _Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(weight)
        return values.view_as(values)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (weight,) = ctx.saved_tensors
        return -weight.to(gradient.dtype) * gradient, None
