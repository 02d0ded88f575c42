"""A system is whatever turns utterances into predictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.word_states import StatesAsked
from massive_kit.systems.label_transitions import Transitions


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a system reads.

    Attributes:
        id: Of the utterance, the same in all locales.
        locale: Its locale.
        text: As it is written.
        tokens: As it is scored.
    """

    id: str
    locale: str
    text: str
    tokens: Sequence[str]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a language model took to answer.

    Attributes:
        requests: How often it was asked.
        prompt_tokens: Tokens that it read.
        answer_tokens: Tokens that it wrote.
        seconds: How long its answers took, one after the other.
        cost: Their price; `None` where none is known.
        currency: In which money; "" where there is no price.
        estimated: Of the requests, those whose tokens the model's server did not count.
    """

    requests: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0
    cost: float | None = None
    currency: str = ""
    estimated: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Both together; their price only where both are known."""
        known = [usage.cost for usage in (self, other) if usage.requests]
        costs = [cost for cost in known if cost is not None]
        return Usage(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.answer_tokens + other.answer_tokens,
            self.seconds + other.seconds,
            sum(costs) if costs and len(costs) == len(known) else None,
            self.currency or other.currency,
            self.estimated + other.estimated,
        )


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What a language model wrote about an utterance.

    Attributes:
        texts: Its answers, as they came.
        models: What the models that answered call themselves.
        dates: On which days they answered, as YYYY-MM-DD.
        unread: What of them could not be read, in a few words each.
        usage: What they took.
    """

    texts: tuple[str, ...]
    models: tuple[str, ...]
    dates: tuple[str, ...]
    unread: tuple[str, ...]
    usage: Usage


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a system says.

    Attributes:
        utterance: About which utterance.
        intent: Its name; `None` where the system knows no intents.
        labels: A token label of the system's inventory for each token.
        failed: The model's answer could not be read, so that this stands in for it.
        raw: Of a language model, what it wrote.
    """

    utterance: Utterance
    intent: str | None
    labels: Sequence[str]
    failed: bool = False
    raw: RawAnswer | None = None


@dataclass(frozen=True, slots=True)
class ConfidentPrediction:
    """What a system says, and how sure it is.

    Attributes:
        prediction: What it says.
        confidence: In 0..1: the probability of the intent, times that of the least likely of the
            token labels.
    """

    prediction: Prediction
    confidence: float


class System(Protocol):
    """Any system."""

    @property
    def character_locales(self) -> frozenset[str]:
        """Locales whose tokens are characters."""

    @property
    def inventory(self) -> Inventory:
        """The labels it knows."""

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        """A prediction for each utterance, in order.

        Raises:
            UnfinishedError: A budget is used up; what could be predicted has been yielded.
        """


@runtime_checkable
class ConfidentSystem(Protocol):
    """A system that knows how sure it is."""

    def predict_confidently(
        self, utterances: Sequence[Utterance], *, smoothing: float = 0.0, seed: int = 0
    ) -> Iterator[ConfidentPrediction]:
        """A prediction for each utterance, in order, with its confidence.

        Args:
            utterances: The utterances.
            smoothing: With a value above 0 they are cut into other subwords, drawn by their
                probability to this power.
            seed: Of these draws.

        Raises:
            ConfigError: The system's tokenizer gives cuts no probabilities.
        """


@runtime_checkable
class DistributionSystem(Protocol):
    """A system that knows how likely each label is."""

    def label_distributions(
        self,
        utterances: Sequence[Utterance],
        asked: StatesAsked | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> LabelDistributions:
        """The logarithms of the probabilities of all intents, and of the labels of each token.

        Args:
            utterances: The utterances.
            asked: Which of its hidden states are wanted as well.
            progress: Called with the number of utterances of each batch when it is computed.

        Raises:
            ConfigError: It has no such states.
        """


@runtime_checkable
class JointlyDecodedSystem(Protocol):
    """A system that decodes intent and slots together, and may read labels as a chain."""

    @property
    def allowed_labels(self) -> Sequence[Sequence[int]]:
        """For each intent the labels, as integers, that may stand with it; empty where any may."""

    @property
    def transitions(self) -> Transitions | None:
        """Shape (labels, labels), what is added where the second label follows the first."""


@runtime_checkable
class ComputedSystem(Protocol):
    """A system that multiplies by weights, of which it knows the shapes."""

    def products(self) -> Sequence[tuple[int, int]]:
        """Inputs and outputs of each product, in order; each has a row for each subword."""

    def subword_counts(self, utterances: Sequence[Utterance]) -> Sequence[int]:
        """Subwords of each utterance."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What predicting would take.

    Attributes:
        utterances: How many there are.
        answered: Requests whose answers are kept already, so that they are not sent.
        usage: What the others would take; `seconds` is 0.
        counted: How tokens were counted.
        requests_per_minute: The pace at which requests are sent, if one is set.
        most: What the others take where every answer is as long as it may be, if that is bounded.
    """

    utterances: int
    answered: int
    usage: Usage
    counted: str
    requests_per_minute: float | None
    most: Usage | None = None

    def __add__(self, other: Forecast) -> Forecast:
        """Both together."""
        return Forecast(
            self.utterances + other.utterances,
            self.answered + other.answered,
            self.usage + other.usage,
            self.counted,
            self.requests_per_minute,
            None if self.most is None or other.most is None else self.most + other.most,
        )


@runtime_checkable
class PromptedSystem(Protocol):
    """A system that puts questions to a language model, which can be shown before they are put."""

    def prompt(self, utterance: Utterance) -> str:
        """What the model is asked about an utterance, as people read it."""

    def forecast(self, utterances: Sequence[Utterance]) -> Forecast:
        """What predicting utterances would take; nothing is sent."""
