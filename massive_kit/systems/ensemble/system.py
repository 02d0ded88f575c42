"""An ensemble as a system: the mean of what its members say, read as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_distributions import LabelDistributions, mean_of
from massive_kit.data.word_states import StatesAsked
from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.ensemble.members import load_members
from massive_kit.systems.ensemble.reading import read_labels
from massive_kit.systems.ensemble.recipe import EnsembleRecipe
from massive_kit.systems.interface import (
    ConfidentPrediction,
    DistributionSystem,
    JointlyDecodedSystem,
    Prediction,
    System,
    Utterance,
)

# What members say of so many utterances is held at a time: some 1.5 kB for each and member.
_AT_A_TIME = 20_000


@dataclass(frozen=True, slots=True)
class EnsembleSystem:
    """Several systems of the same labels.

    Attributes:
        members: Each says how likely each label is.
        inventory: The labels that all of them know.
        character_locales: Locales whose tokens are characters.
        allowed_labels: For each intent the labels that any member has seen with it; empty where
            one of the members takes any.
    """

    members: Sequence[DistributionSystem]
    inventory: Inventory
    character_locales: frozenset[str]
    allowed_labels: Sequence[Sequence[int]] = ()

    @classmethod
    def of(cls, systems: Sequence[System]) -> EnsembleSystem:
        """The ensemble of some systems that say how likely each label is.

        Raises:
            ConfigError: They know other labels, or cut the text of other locales into characters.
        """
        first, *others = systems
        problems = [
            Problem(f"member {number}", f"its {what} are others", f"those of member 0{of}")
            for number, other in enumerate(others, 1)
            for what, mine, theirs, of in (
                ("intents", first.inventory.intents, other.inventory.intents, ""),
                ("labels", first.inventory.labels, other.inventory.labels, ""),
                (
                    "locales whose tokens are characters",
                    first.character_locales,
                    other.character_locales,
                    f": {', '.join(sorted(first.character_locales)) or 'none'}",
                ),
            )
            if mine != theirs
        ]
        if problems:
            raise ConfigError("the members do not fit together", problems)
        members = [system for system in systems if isinstance(system, DistributionSystem)]
        assert len(members) == len(systems)
        return cls(members, first.inventory, first.character_locales, _allowed(systems))

    @classmethod
    def load(cls, folder: Path) -> EnsembleSystem:
        """The system in a model folder.

        Raises:
            ConfigError: The members do not fit together.
            MassiveKitError: The folder holds none, or a model is damaged.
        """
        return cls.of(load_members(folder))

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        """A prediction for each utterance, in order."""
        for prediction, _ in self._predicted(utterances):
            yield prediction

    def predict_confidently(
        self, utterances: Sequence[Utterance], *, smoothing: float = 0.0, seed: int = 0
    ) -> Iterator[ConfidentPrediction]:
        """As `predict`, and how sure the members are on average.

        Args:
            utterances: The utterances.
            smoothing: 0; members read texts in their best cuts alone.
            seed: Of nothing.

        Raises:
            ConfigError: Other cuts are asked for.
        """
        del seed
        if smoothing:
            problem = Problem("recipe", "kind is ensemble", "one of its members")
            raise ConfigError("an ensemble draws no other cuts of texts", [problem])
        for prediction, confidence in self._predicted(utterances):
            yield ConfidentPrediction(prediction, confidence)

    def label_distributions(
        self,
        utterances: Sequence[Utterance],
        asked: StatesAsked | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> LabelDistributions:
        """The logarithms of the members' mean probabilities of all intents and token labels.

        Args:
            utterances: The utterances.
            asked: Hidden states, of which an ensemble has none.
            progress: Called with the number of utterances of each batch when the last member has
                read it.

        Raises:
            ConfigError: Hidden states are asked for.
        """
        if asked is not None:
            problem = Problem("recipe", "kind is ensemble", "one of its members")
            raise ConfigError("an ensemble shows no hidden states", [problem])
        last = len(self.members) - 1
        return mean_of(
            [
                member.label_distributions(utterances, None, progress if number == last else None)
                for number, member in enumerate(self.members)
            ]
        )

    def _predicted(self, utterances: Sequence[Utterance]) -> Iterator[tuple[Prediction, float]]:
        names, intents = self.inventory.labels, self.inventory.intents
        for start in range(0, len(utterances), _AT_A_TIME):
            some = utterances[start : start + _AT_A_TIME]
            said = self.label_distributions(some)
            predicted = read_labels(said, self.allowed_labels, self.inventory)
            assert predicted.confidences is not None
            labels = [names[i] for i in predicted.labels]
            offsets = said.offsets.tolist()
            for i, utterance in enumerate(some):
                number = predicted.intents[i]
                intent = None if number < 0 else intents[number]
                row_labels = labels[offsets[i] : offsets[i + 1]]
                yield Prediction(utterance, intent, row_labels), float(predicted.confidences[i])


def load(folder: Path, recipe: EnsembleRecipe) -> EnsembleSystem:
    """The system in a model folder."""
    del recipe
    return EnsembleSystem.load(folder)


def _allowed(systems: Sequence[System]) -> Sequence[Sequence[int]]:
    """For each intent the labels that any of some systems takes; empty where one takes any."""
    pairs = [
        system.allowed_labels if isinstance(system, JointlyDecodedSystem) else ()
        for system in systems
    ]
    if not all(pairs):
        return ()
    return [np.unique(np.concatenate(of_one)).tolist() for of_one in zip(*pairs, strict=True)]
