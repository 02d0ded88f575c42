"""What a record of successes and failures says of a rate: Beta(1 + successes, 1 + failures)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

CONFIDENCE = 0.95


def lower_bound(
    successes: ArrayLike, failures: ArrayLike, confidence: float = CONFIDENCE
) -> NDArray[np.float64]:
    """The rate that the true one is above, with a confidence; counts need not be whole."""
    return _quantile(successes, failures, 1 - confidence)


def upper_bound(
    successes: ArrayLike, failures: ArrayLike, confidence: float = CONFIDENCE
) -> NDArray[np.float64]:
    """The rate that the true one is below, with a confidence; counts need not be whole."""
    return _quantile(successes, failures, confidence)


def _quantile(successes: ArrayLike, failures: ArrayLike, share: float) -> NDArray[np.float64]:
    from scipy.special import betaincinv

    return np.asarray(
        betaincinv(1 + np.asarray(successes), 1 + np.asarray(failures), share), np.float64
    )
