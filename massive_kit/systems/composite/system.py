"""A system that asks others, and reads its answers out of what they say together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.word_states import StatesAsked
from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.composite.reading import read_labels
from massive_kit.systems.interface import ConfidentPrediction, Prediction, Utterance
from massive_kit.systems.label_transitions import Transitions

# Of how many utterances it is held at a time what is said: some 3 kB for each and reading.
_HELD = 20_000


class CompositeSystem(ABC):
    """What such systems have in common.

    Attributes:
        title: What messages call it.
        asked: What messages call a system that it asks.
        inventory: The labels that all know.
        allowed_labels: For each intent the labels that may stand with it; empty where any may.
        transitions: Shape (labels, labels), what is added where the second label follows the first;
            `None` where each is read for itself.
    """

    __slots__ = ()

    title: ClassVar[str]
    asked: ClassVar[str]
    inventory: Inventory
    allowed_labels: Sequence[Sequence[int]]
    transitions: Transitions | None

    @abstractmethod
    def mean_distributions(
        self, utterances: Sequence[Utterance], progress: Callable[[int], None] | None
    ) -> LabelDistributions:
        """The logarithms of the mean probabilities of all intents and token labels.

        Args:
            utterances: The utterances.
            progress: Called with the number of utterances that all have read.
        """

    def label_distributions(
        self,
        utterances: Sequence[Utterance],
        asked: StatesAsked | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> LabelDistributions:
        """As `mean_distributions`.

        Args:
            utterances: The utterances.
            asked: Hidden states, of which there are none.
            progress: Called with the number of utterances that all have read.

        Raises:
            ConfigError: Hidden states are asked for.
        """
        if asked is not None:
            problem = Problem("recipe", f"the teacher is {self.title}", self.asked)
            raise ConfigError(f"{self.title} shows no hidden states", [problem])
        return self.mean_distributions(utterances, progress)

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        """A prediction for each utterance, in order."""
        for prediction, _ in self._predicted(utterances):
            yield prediction

    def predict_confidently(
        self, utterances: Sequence[Utterance], *, smoothing: float = 0.0, seed: int = 0
    ) -> Iterator[ConfidentPrediction]:
        """As `predict`, and how sure those that are asked are on average.

        Args:
            utterances: The utterances.
            smoothing: 0; texts are read in their best cuts alone.
            seed: Of nothing.

        Raises:
            ConfigError: Other cuts are asked for.
        """
        del seed
        if smoothing:
            problem = Problem("recipe", f"the run is {self.title}", self.asked)
            raise ConfigError(f"{self.title} draws no other cuts of texts", [problem])
        for prediction, confidence in self._predicted(utterances):
            yield ConfidentPrediction(prediction, confidence)

    def _predicted(self, utterances: Sequence[Utterance]) -> Iterator[tuple[Prediction, float]]:
        for start in range(0, len(utterances), _HELD):
            part = utterances[start : start + _HELD]
            outputs = self.mean_distributions(part, None)
            predicted = read_labels(outputs, self.allowed_labels, self.inventory, self.transitions)
            yield from predicted.predictions(part, outputs.offsets, self.inventory)
