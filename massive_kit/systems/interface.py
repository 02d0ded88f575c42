"""A system is whatever turns utterances into predictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from massive_kit.data.inventory import Inventory


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
class Prediction:
    """What a system says.

    Attributes:
        utterance: About which utterance.
        intent: Its name; `None` where the system knows no intents.
        labels: A token label of the system's inventory for each token.
        failed: The model's answer could not be read, so that this stands in for it.
    """

    utterance: Utterance
    intent: str | None
    labels: Sequence[str]
    failed: bool = False


class System(Protocol):
    """Any system."""

    @property
    def character_locales(self) -> frozenset[str]:
        """Locales whose tokens are characters."""

    @property
    def inventory(self) -> Inventory:
        """The labels it knows."""

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        """A prediction for each utterance, in order."""


@runtime_checkable
class PromptedSystem(Protocol):
    """A system that puts questions to a language model, which can be shown before they are put."""

    def prompt(self, utterance: Utterance) -> str:
        """What the model is asked about an utterance, as people read it."""
