"""Contrastive losses and the reversed gradient against what they are by definition."""

from __future__ import annotations

import math

import pytest
import torch

from massive_kit.engine.contrastive import class_contrast, pair_contrast
from massive_kit.engine.gradient_reversal import reversed_gradient
from massive_kit.engine.sentence_vectors import mean_vectors


def test_the_reversed_gradient_is_the_negative_to_the_last_bit() -> None:
    torch.manual_seed(0)
    values = torch.randn(4, 3, requires_grad=True)
    weights = torch.randn(4, 3)
    (plain,) = torch.autograd.grad((values * weights).sum(), values)
    through = reversed_gradient(values, torch.tensor(0.25))
    assert torch.equal(through, values)
    (reversed_back,) = torch.autograd.grad((through * weights).sum(), values)
    assert torch.equal(reversed_back, -0.25 * plain)
    twice = reversed_gradient(reversed_gradient(values, torch.ones(())), torch.ones(()))
    (gradient,) = torch.autograd.grad((twice * weights).sum(), values)
    assert torch.equal(gradient, plain)


def test_the_reversed_gradient_is_that_of_a_linear_map_by_its_negative() -> None:
    values = torch.randn(3, 2, dtype=torch.double, requires_grad=True)
    (plain,) = torch.autograd.grad(values.pow(3).sum(), values)
    through = reversed_gradient(values, torch.tensor(1.0, dtype=torch.double))
    (gradient,) = torch.autograd.grad(through.pow(3).sum(), values)
    assert torch.equal(gradient, -plain)


def test_pair_contrast_is_infonce_in_both_directions() -> None:
    torch.manual_seed(1)
    one_side, other_side = torch.randn(5, 7), torch.randn(5, 7)
    loss = pair_contrast(one_side, other_side, torch.arange(10), 0.1)
    cosine = torch.nn.functional.cosine_similarity
    by_hand = 0.0
    for i in range(5):
        there = torch.stack([cosine(one_side[i], other_side[j], dim=0) for j in range(5)]) / 0.1
        back = torch.stack([cosine(other_side[i], one_side[j], dim=0) for j in range(5)]) / 0.1
        by_hand -= float(there.log_softmax(0)[i] + back.log_softmax(0)[i]) / 10
    assert float(loss) == pytest.approx(by_hand, rel=1e-5)


def test_the_same_text_is_not_told_from_itself() -> None:
    torch.manual_seed(2)
    one_side, other_side = torch.randn(3, 4), torch.randn(3, 4)
    # The first two texts of the one side are the same.
    same = torch.tensor([7, 7, 1, 2, 3, 4])
    lower = pair_contrast(one_side, other_side, same, 0.1)
    assert float(lower) < float(pair_contrast(one_side, other_side, torch.arange(6), 0.1))
    alone = pair_contrast(one_side[:2], other_side[:2], same[[0, 1, 3, 4]], 0.1)
    assert float(alone) == 0.0


def test_class_contrast_is_that_of_khosla_et_al() -> None:
    torch.manual_seed(3)
    vectors = torch.nn.functional.normalize(torch.randn(5, 4), dim=-1)
    classes = torch.tensor([0, 0, 0, 1, -1])
    loss = class_contrast(vectors, classes, 0.5)
    by_hand = []
    for i in range(3):
        others = [j for j in range(5) if j != i]
        total = sum(math.exp(float(vectors[i] @ vectors[j]) / 0.5) for j in others)
        like = [j for j in others if classes[j] == classes[i]]
        logs = [float(vectors[i] @ vectors[j]) / 0.5 - math.log(total) for j in like]
        by_hand.append(-sum(logs) / len(like))
    # Rows without a like one have no loss.
    assert float(loss) == pytest.approx(sum(by_hand) / 3, rel=1e-5)


def test_without_two_rows_of_a_class_there_is_nothing_to_learn() -> None:
    vectors = torch.randn(3, 4, requires_grad=True)
    loss = class_contrast(vectors, torch.tensor([0, 1, -1]), 0.1)
    (gradient,) = torch.autograd.grad(loss, vectors)
    assert loss.item() == 0.0
    assert torch.equal(gradient, torch.zeros(3, 4))


def test_padding_is_not_in_the_mean() -> None:
    states = torch.arange(12.0).reshape(2, 3, 2)
    mask = torch.tensor([[True, True, False], [False, True, False]])
    assert mean_vectors(states, mask).tolist() == [[1.0, 2.0], [8.0, 9.0]]


def test_cosines_are_of_full_precision_under_bf16() -> None:
    torch.manual_seed(4)
    one_side, other_side = torch.randn(2, 6, 64)
    classes = torch.tensor([0, 0, 1, 1, 2, 2])
    pairs = pair_contrast(one_side, other_side, torch.arange(12), 0.05)
    labels = class_contrast(one_side, classes, 0.05)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(pair_contrast(one_side, other_side, torch.arange(12), 0.05), pairs)
        assert torch.equal(class_contrast(one_side, classes, 0.05), labels)
