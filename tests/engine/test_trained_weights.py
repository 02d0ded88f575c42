"""A run that begins anew starts with the weights, and the counters, that it had."""

from __future__ import annotations

import torch
from torch import nn

from massive_kit.engine.trained_weights import copy_trained


def test_a_copy_brings_back_counters_as_well_as_weights() -> None:
    model = nn.Linear(2, 2)
    model.register_buffer("turns", torch.zeros((), dtype=torch.long))
    model.bias.requires_grad_(requires_grad=False)
    start = copy_trained(model)
    assert start.keys() == {"weight", "turns"}
    expected = model.weight.detach().clone()
    with torch.no_grad():
        model.weight += 1
        model.get_buffer("turns").add_(3)
    model.load_state_dict(start, strict=False)
    assert torch.equal(model.weight, expected)
    assert model.get_buffer("turns") == 0
