"""A model that writes answers, as a system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from massive_kit.data.inventory import Inventory
from massive_kit.data.tokens import OTHER
from massive_kit.systems.interface import Prediction, Utterance
from massive_kit.systems.text_answers.writer import Writer


@dataclass(frozen=True, slots=True)
class TextSystem:
    """A model that writes labels out.

    Attributes:
        writer: The model with its tokenizer and format.
        character_locales: Locales whose tokens are characters.
    """

    writer: Writer
    character_locales: frozenset[str]

    @property
    def inventory(self) -> Inventory:
        """The labels it knows."""
        return self.writer.inventory

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        """A prediction for each utterance, in order.

        An answer that cannot be read counts as failed: the first intent of the inventory, no slots.
        """
        answers = self.writer.answers([utterance.tokens for utterance in utterances])
        for utterance, answer in zip(utterances, answers, strict=True):
            if answer is None:
                nothing = [OTHER] * len(utterance.tokens)
                yield Prediction(utterance, self.inventory.intents[0], nothing, failed=True)
            else:
                yield Prediction(utterance, answer.intent, answer.labels)
