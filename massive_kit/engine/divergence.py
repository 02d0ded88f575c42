"""The Kullback-Leibler divergence of what a model says from what it should say."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def divergence(target: Tensor, logits: Tensor, temperature: float = 1.0) -> Tensor:
    """KL(target || softmax(logits / temperature)), the mean over distributions, 0 of none.

    It is multiplied by the square of the temperature, so that gradients stay of one size (Hinton,
    Vinyals and Dean 2015, section 2.1).

    Args:
        target: Shape (n, classes), probabilities at that temperature.
        logits: Shape (n, classes).
        temperature: What logits are divided by.
    """
    log_probabilities = functional.log_softmax(logits.float() / temperature, -1)
    apart = functional.kl_div(log_probabilities, target, reduction="sum")
    return apart * temperature**2 / max(1, len(logits))


def symmetric_divergence(
    logits: Tensor, others: Tensor, temperature: float = 1.0, *, stop_gradient: bool = True
) -> Tensor:
    """The divergence of each of two readings from the other, added; the mean over rows, 0 of none.

    Args:
        logits: Shape (n, classes).
        others: Shape (n, classes), row by row the other reading of the same.
        temperature: As in `divergence`.
        stop_gradient: Whether no gradient goes through the side that is the target.
    """
    sides = [functional.softmax(side.float() / temperature, -1) for side in (logits, others)]
    one_side, other_side = [side.detach() for side in sides] if stop_gradient else sides
    there = divergence(one_side, others, temperature)
    return there + divergence(other_side, logits, temperature)
