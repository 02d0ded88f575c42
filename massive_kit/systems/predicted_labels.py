"""Labels that a model predicts for many utterances, as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.systems.interface import Prediction, Utterance


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

    def predictions(
        self, utterances: Sequence[Utterance], offsets: NDArray[np.int64], inventory: Inventory
    ) -> Iterator[tuple[Prediction, float]]:
        """The labels by name, each with its confidence, 0 where that was not asked for.

        Args:
            utterances: What was read.
            offsets: Shape (n + 1,), where the tokens of each begin.
            inventory: The names.
        """
        names = inventory.labels
        labels = [names[i] for i in self.labels]
        starts = offsets.tolist()
        for i, utterance in enumerate(utterances):
            number = self.intents[i]
            intent = None if number < 0 else inventory.intents[number]
            confidence = 0.0 if self.confidences is None else float(self.confidences[i])
            yield Prediction(utterance, intent, labels[starts[i] : starts[i + 1]]), confidence
