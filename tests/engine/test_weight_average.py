"""The average of the weights, in numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from massive_kit.engine.weight_average import WeightAverage


def values(model: nn.Module) -> list[float]:
    numbers: list[float] = next(iter(model.parameters())).detach().flatten().tolist()
    return numbers


def test_the_average_moves_by_its_weight_and_early_steps_weigh_more() -> None:
    model = nn.Linear(1, 1, bias=False)
    model.weight.data.fill_(0.0)
    average = WeightAverage(model, past=0.9)
    expected = 0.0
    for step in range(1, 201):
        model.weight.data.fill_(float(step))
        average.update(step)
        # At step 1 the past weighs 0.1, at step 81 it has its whole weight.
        past = min(0.9, step / (step + 9))
        expected = past * expected + (1 - past) * step
        with average.in_place():
            assert values(model) == [pytest.approx(expected, rel=1e-5)]
        assert values(model) == [step]
    average.apply()
    assert values(model) == [pytest.approx(expected, rel=1e-5)]


def test_frozen_weights_have_no_average_and_a_saved_one_comes_back(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[0].weight.requires_grad_(False)
    average = WeightAverage(model, past=0.5)
    frozen = model[0].weight.detach().clone()
    model[1].weight.data.add_(1.0)
    average.update(100)
    average.save(tmp_path)
    again = WeightAverage(model, past=0.5)
    again.load(tmp_path)
    average.apply()
    expected = model[1].weight.detach().clone()
    model[1].weight.data.zero_()
    again.apply()
    assert torch.equal(model[1].weight, expected)
    assert torch.equal(model[0].weight, frozen)
