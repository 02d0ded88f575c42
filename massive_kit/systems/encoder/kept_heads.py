"""Heads that go on from those of a trained encoder, label by label."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.encoder.joint_model import Classifier, JointConfig, JointModel


def keep_heads(model: JointModel, trained: JointModel) -> None:
    """Gives a model the heads of another, whose labels are found by name, and its `allowed_labels`.

    A label that the other lacks keeps its random weights; what the other has besides is left out.

    Args:
        model: Changed in place.
        trained: Where its body came from.

    Raises:
        ConfigError: The heads are of other shapes, or no label is the same.
    """
    ours, theirs = model.config, trained.config
    pairs = [("model.slots", model.slots, trained.slots, ours.labels, theirs.labels)]
    if model.intent is not None and trained.intent is not None:
        pairs.append(("model.intent", model.intent, trained.intent, ours.intents, theirs.intents))
    problems = [
        problem
        for key, head, other, names, known in pairs
        for problem in _problems(key, head, other, names, known)
    ]
    if problems:
        raise ConfigError("model.heads is base, whose heads cannot be kept", problems)
    for _key, head, other, names, known in pairs:
        _copy(head, other, names, known)
    ours.allowed_labels = _allowed(ours, theirs)


def _allowed(model: JointConfig, trained: JointConfig) -> list[list[int]] | None:
    """What the base's training rows showed together, in the numbers of these labels."""
    if trained.allowed_labels is None:
        return None
    number = {name: place for place, name in enumerate(model.labels)}
    before = dict(zip(trained.intents, trained.allowed_labels, strict=True))
    names = [
        [trained.labels[label] for label in before.get(intent, [0])] for intent in model.intents
    ]
    return [sorted(number[name] for name in labels if name in number) for labels in names]


def _problems(
    key: str, head: Classifier, other: Classifier, names: Sequence[str], known: Sequence[str]
) -> list[Problem]:
    # The last layer has a row for each label, of which the two models may have different ones.
    if _inputs(head) != _inputs(other):
        has = _described(other)
        return [
            Problem("recipe", f"{key} describes {_described(head)}", f"that of the base: {has}")
        ]
    if not set(names) & set(known):
        return [Problem("recipe", f"{key}: none of the labels is one of the base's", "some")]
    return []


def _described(head: Classifier) -> str:
    hidden = _linear(head)[:-1]
    if not hidden:
        return "no hidden layer"
    return f"{len(hidden)} hidden layer{'s' * (len(hidden) > 1)} of {hidden[0].out_features}"


def _inputs(head: Classifier) -> list[int]:
    return [layer.in_features for layer in _linear(head)]


def _linear(head: Classifier) -> list[nn.Linear]:
    return [layer for layer in head.layers if isinstance(layer, nn.Linear)]


def _copy(head: Classifier, other: Classifier, names: Sequence[str], known: Sequence[str]) -> None:
    place = {name: row for row, name in enumerate(known)}
    rows = [row for row, name in enumerate(names) if name in place]
    from_rows = [place[names[row]] for row in rows]
    *hidden, last = _linear(head)
    *other_hidden, other_last = _linear(other)
    with torch.no_grad():
        for layer, other_layer in zip(hidden, other_hidden, strict=True):
            layer.weight.copy_(other_layer.weight)
            layer.bias.copy_(other_layer.bias)
        last.weight[rows] = other_last.weight[from_rows].to(last.weight.dtype)
        last.bias[rows] = other_last.bias[from_rows].to(last.bias.dtype)
