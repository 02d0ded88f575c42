"""A recipe that goes on from a trained encoder keeps its heads where it is told to."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from massive_kit.errors import ConfigError
from massive_kit.systems.encoder.joint_model import JointConfig, JointModel
from massive_kit.systems.encoder.kept_heads import keep_heads

BODY = {
    "model_type": "bert",
    "vocab_size": 50,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
}


def model(intents: list[str], labels: list[str], **more: Any) -> JointModel:
    return JointModel(JointConfig(body=BODY, intents=intents, labels=labels, **more))


def last(head: Any) -> Any:
    return head.layers[-1]


def test_labels_are_found_by_name_and_new_ones_keep_their_weights() -> None:
    trained = model(["alarm", "music"], ["Other", "time", "song"])
    new = model(["weather", "music"], ["Other", "song", "place"])
    weather = last(new.intent).weight[0].clone()
    place = last(new.slots).bias[2].clone()
    keep_heads(new, trained)
    assert torch.equal(last(new.intent).weight[1], last(trained.intent).weight[1])
    assert torch.equal(last(new.intent).weight[0], weather)
    assert torch.equal(last(new.slots).weight[:2], last(trained.slots).weight[[0, 2]])
    assert torch.equal(last(new.slots).bias[2], place)


def test_hidden_layers_come_along() -> None:
    hidden = {"layers": 1, "width": 8}
    trained = model(["alarm"], ["Other"], intent_head=hidden)
    new = model(["alarm"], ["Other"], intent_head=hidden)
    keep_heads(new, trained)
    assert new.intent is not None
    assert trained.intent is not None
    for ours, theirs in zip(new.intent.parameters(), trained.intent.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_what_stood_together_before_may_stand_together() -> None:
    trained = model(["alarm", "music"], ["Other", "time", "song"], allowed_labels=[[0, 1], [0, 2]])
    new = model(["weather", "music"], ["Other", "song"])
    keep_heads(new, trained)
    assert new.config.allowed_labels == [[0], [0, 1]]


def test_all_that_does_not_fit_is_told() -> None:
    trained = model(["alarm"], ["Other"], slot_head={"layers": 1, "width": 8})
    new = model(["music"], ["Other"])
    with pytest.raises(ConfigError) as caught:
        keep_heads(new, trained)
    told = "\n".join(f"{problem.found} {problem.expected}" for problem in caught.value.problems)
    assert "model.slots describes no hidden layer" in told
    assert "1 hidden layer of 8" in told
    assert "model.intent: none of the labels" in told
