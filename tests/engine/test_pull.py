"""The pull towards the start weights, and parameters that are trained from a later step on."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from massive_kit.engine.optimiser import new_optimiser, new_schedule
from massive_kit.engine.pull import PulledObjective
from massive_kit.schema.optimiser import Optimiser


def test_the_pull_is_half_the_squared_distance() -> None:
    model = nn.Linear(3, 2)
    pulled = PulledObjective(lambda *_: torch.zeros(()), 0.5, dict(model.named_parameters()))
    assert float(pulled(model, {}).detach()) == 0
    with torch.no_grad():
        model.weight += 2
        model.bias -= 1
    loss = pulled(model, {})
    assert float(loss.detach()) == pytest.approx(0.5 * 0.5 * (6 * 4 + 2 * 1))
    loss.backward()
    assert torch.allclose(model.weight.grad, torch.full((2, 3), 0.5 * 2.0))


def test_late_parameters_stay_and_then_warm_up() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    settings = Optimiser(lr=0.1, warmup=2, weight_decay=0.5)
    optimiser = new_optimiser(
        model, settings, first_step=lambda name: 3 if name.startswith("0.") else 0
    )
    schedule = new_schedule(optimiser, settings, 10)
    before = model[0].weight.detach().clone()
    rates: dict[int, list[float]] = {0: [], 3: []}
    for step in range(10):
        for group in optimiser.param_groups:
            if group["weight_decay"]:
                rates[group.get("first_step", 0)].append(group["lr"] / 0.1)
        model(torch.ones(1, 2)).sum().backward()
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        assert torch.equal(model[0].weight, before) == (step < 3)
    assert rates[0] == pytest.approx([1 / 3, 2 / 3, *(left / 8 for left in range(8, 0, -1))])
    assert rates[3] == pytest.approx(
        [0, 0, 0, 1 / 3, 2 / 3, *(left / 5 for left in range(5, 0, -1))]
    )
