"""How many rows each of several languages gets."""

from __future__ import annotations

from collections.abc import Mapping

from massive_kit.errors import UsageError

# A weight that is this small beside the largest is none.
_LEAST = 1e-12


def weights_by_size(
    sizes: Mapping[str, int], temperature: float, factors: Mapping[str, float]
) -> dict[str, float]:
    """`factor * (size / largest) ** (1 / temperature)`, as mBERT and mT5 draw languages.

    Args:
        sizes: Rows there are.
        temperature: 1 for as many as there are, infinite for all alike.
        factors: What the weights of some are multiplied by.
    """
    largest = max(sizes.values(), default=0)
    return {
        name: factors.get(name, 1.0) * (size / largest) ** (1 / temperature) if size else 0.0
        for name, size in sizes.items()
    }


def allotted(total: int, weights: Mapping[str, float], most: Mapping[str, int]) -> dict[str, int]:
    """A number of rows shared out by weight, none getting more than it may.

    What one may not have goes to the others, by their weights. With equal weights, and each one's
    rows times the allowed repeats as the most, that is UniMax (Chung et al. 2023, "UniMax: Fairer
    and more Effective Language Sampling for Large-Scale Multilingual Pretraining").

    Args:
        total: How many rows; fewer where all together may not have as many.
        weights: By name.
        most: The most that each may have.

    Returns:
        Whole numbers, adding up to the total where that is possible.

    Raises:
        UsageError: All weights are 0.
    """
    least = _LEAST * max(weights.values(), default=0.0)
    free = {name: weight for name, weight in weights.items() if weight > least and most[name] > 0}
    if not free:
        raise UsageError("no language may have a row; check the weights, caps and locales")
    exact: dict[str, float] = {}
    left = float(min(total, sum(most[name] for name in free)))
    while free:
        scale = left / sum(free.values())
        full = [name for name, weight in free.items() if weight * scale >= most[name]]
        if not full:
            exact |= {name: weight * scale for name, weight in free.items()}
            break
        for name in full:
            exact[name] = most[name]
            left -= most[name]
            del free[name]
    counts = {name: int(exact.get(name, 0.0)) for name in weights}
    short = round(sum(exact.values())) - sum(counts.values())
    # The largest remainders; of equal ones the first.
    by_remainder = sorted(exact, key=lambda name: counts[name] - exact[name])
    for name in by_remainder[:short]:
        counts[name] += 1
    return counts
