"""How two numbers vary together over locales."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def pearson(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Pearson's r; 0 where one of them does not vary."""
    a, b = x - x.mean(), y - y.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1, equal values sharing their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: NDArray[np.float64] = ((last - counts + 1 + last) / 2)[inverse]
    return shared


def spearman(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Spearman's rho: Pearson's r of the ranks."""
    return pearson(ranks(x), ranks(y))
