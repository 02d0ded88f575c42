"""Contrastive losses over vectors, which are compared by the cosine."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def pair_contrast(one_side: Tensor, other_side: Tensor, same: Tensor, temperature: float) -> Tensor:
    """InfoNCE between the two sides of pairs, in both directions; the mean over all utterances.

    Args:
        one_side: Shape (n, width).
        other_side: Shape (n, width), row by row the translations.
        same: Shape (2 n,), a number for each text of the one side and then of the other: what has
            the number of a translation is a translation as well and is not told from it.
        temperature: What cosines are divided by.
    """
    count = len(one_side)
    cosines = _products(_unit(one_side), _unit(other_side)) / temperature
    first, second = same[:count], same[count:]
    alike = (first[:, None] == first) | (second[:, None] == second)
    alike &= ~torch.eye(count, dtype=torch.bool, device=alike.device)
    cosines = cosines.masked_fill(alike, -torch.inf)
    labels = torch.arange(count, device=cosines.device)
    there = functional.cross_entropy(cosines, labels)
    back = functional.cross_entropy(cosines.T, labels)
    return 0.5 * (there + back)


def class_contrast(vectors: Tensor, classes: Tensor, temperature: float) -> Tensor:
    """Supervised contrast (Khosla et al. 2020, equation 2); the mean over rows with a like row.

    0 where no two rows are of one class, with a gradient of 0.

    Args:
        vectors: Shape (n, width).
        classes: Shape (n,), the class of each; below 0 where it has none.
        temperature: What cosines are divided by.
    """
    unit = _unit(vectors)
    itself = torch.eye(len(unit), dtype=torch.bool, device=unit.device)
    cosines = (_products(unit, unit) / temperature).masked_fill(itself, -torch.inf)
    like = (classes[:, None] == classes) & (classes >= 0) & ~itself
    counts = like.sum(dim=1)
    # Not the product with a mask: minus infinity times 0 is no number.
    logs = cosines.log_softmax(dim=1).masked_fill(~like, 0.0)
    per_row = -logs.sum(dim=1) / counts.clamp(min=1)
    return per_row.sum() / (counts > 0).sum().clamp(min=1)


def _unit(vectors: Tensor) -> Tensor:
    return functional.normalize(vectors.float(), dim=-1)


def _products(one_side: Tensor, other_side: Tensor) -> Tensor:
    # bf16 has too few digits for cosines that are divided by a low temperature.
    with torch.autocast(one_side.device.type, enabled=False):
        return one_side @ other_side.T
