"""Divergences are those of their formulas, and gradients go where they should."""

from __future__ import annotations

import math

import pytest
import torch

from massive_kit.engine.divergence import divergence, symmetric_divergence


def test_by_hand() -> None:
    target = torch.tensor([[0.5, 0.5], [1.0, 0.0]])
    logits = torch.tensor([[0.0, math.log(3.0)], [0.0, math.log(3.0)]])
    first = 0.5 * math.log(0.5 / 0.25) + 0.5 * math.log(0.5 / 0.75)
    second = math.log(1 / 0.25)
    assert divergence(target, logits).item() == pytest.approx((first + second) / 2)
    # Logits over 2 are those of the roots of the odds, and the loss is times 4.
    likely = 1 / (1 + math.sqrt(3))
    halves = 0.5 * math.log(0.5 / likely) + 0.5 * math.log(0.5 / (1 - likely))
    assert divergence(target[:1], logits[:1], 2.0).item() == pytest.approx(4 * halves, rel=1e-5)
    assert divergence(target[:0], logits[:0]).item() == 0


def test_both_ways() -> None:
    one_side, other_side = torch.randn(2, 5, 4, generator=torch.manual_seed(0)).unbind()
    there = divergence(one_side.softmax(-1), other_side)
    back = divergence(other_side.softmax(-1), one_side)
    both = symmetric_divergence(one_side, other_side)
    assert both.item() == pytest.approx((there + back).item())
    assert symmetric_divergence(one_side, one_side).item() == pytest.approx(0, abs=1e-6)


def test_a_target_stands_still() -> None:
    one_side = torch.randn(3, 4, generator=torch.manual_seed(0), requires_grad=True)
    other_side = torch.randn(3, 4, generator=torch.manual_seed(1))
    (still,) = torch.autograd.grad(symmetric_divergence(one_side, other_side), one_side)
    # The gradient of a divergence by its logits is what is said less the target.
    expected = (one_side.softmax(-1) - other_side.softmax(-1)) / 3
    assert torch.allclose(still, expected, atol=1e-6)
    (moving,) = torch.autograd.grad(
        symmetric_divergence(one_side, other_side, stop_gradient=False), one_side
    )
    assert not torch.allclose(still, moving)
