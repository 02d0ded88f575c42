"""The majority system at work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from massive_kit.data.inventory import Inventory, read_inventory
from massive_kit.data.tokens import OTHER
from massive_kit.languages import character_locales
from massive_kit.systems.interface import Prediction, Utterance
from massive_kit.systems.majority.counting import Majority
from massive_kit.systems.majority.recipe import MajorityRecipe


@dataclass(frozen=True, slots=True)
class MajoritySystem:
    """One intent for everything, and no slots."""

    majority: Majority
    inventory: Inventory
    character_locales: frozenset[str]

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        """The same for each utterance."""
        for utterance in utterances:
            yield Prediction(utterance, self.majority.intent, [OTHER] * len(utterance.tokens))


def load(folder: Path, recipe: MajorityRecipe) -> MajoritySystem:
    """The system in a model folder."""
    del recipe
    return MajoritySystem(Majority.load(folder), read_inventory(folder), character_locales())
