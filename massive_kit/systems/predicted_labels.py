"""Labels that a model predicts for many utterances, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PredictedLabels:
    """Labels for n utterances.

    Attributes:
        intents: Shape (n,).
        labels: Flat, one for each token, in the rows' order.
        confidences: Shape (n,), the probability of the intent times that of the least likely label;
            `None` where it was not asked for.
    """

    intents: NDArray[np.int32]
    labels: NDArray[np.int16]
    confidences: NDArray[np.float32] | None = None
