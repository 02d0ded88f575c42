"""An ensemble as a system: the mean of what its members say, read as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_distributions import LabelDistributions, mean_of
from massive_kit.data.word_states import StatesAsked
from massive_kit.errors import ConfigError, MassiveKitError, Problem
from massive_kit.systems.composite.counting import CountedReadings
from massive_kit.systems.composite.members import load_members, write_members
from massive_kit.systems.composite.reading import read_labels
from massive_kit.systems.ensemble.recipe import EnsembleRecipe
from massive_kit.systems.interface import (
    ConfidentPrediction,
    DistributionSystem,
    JointlyDecodedSystem,
    Prediction,
    System,
    Utterance,
)
from massive_kit.systems.kind import MemberRun

# Of how many utterances it is held at a time what members say: some 3 kB for each and member.
_HELD = 20_000


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
            ConfigError: They do not fit together.
        """
        names = [f"member {number}" for number in range(len(systems))]
        if problems := _differences(systems, names):
            raise ConfigError("the members do not fit together", problems)
        first = systems[0]
        members = [system for system in systems if isinstance(system, DistributionSystem)]
        assert len(members) == len(systems)
        return cls(members, first.inventory, first.character_locales, _allowed(systems))

    @classmethod
    def load(cls, folder: Path) -> EnsembleSystem:
        """The system in a model folder.

        Raises:
            ConfigError: The members do not fit together.
            MassiveKitError: Members are missing, or the model of one is damaged.
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
            progress: Called with the number of utterances that were read; one counts when each
                member has read as many.

        Raises:
            ConfigError: Hidden states are asked for.
        """
        if asked is not None:
            problem = Problem("recipe", "kind is ensemble", "one of its members")
            raise ConfigError("an ensemble shows no hidden states", [problem])
        counted = CountedReadings(len(self.members), progress)
        return mean_of(
            [member.label_distributions(utterances, None, counted.add) for member in self.members]
        )

    def _predicted(self, utterances: Sequence[Utterance]) -> Iterator[tuple[Prediction, float]]:
        for start in range(0, len(utterances), _HELD):
            part = utterances[start : start + _HELD]
            outputs = self.label_distributions(part)
            predicted = read_labels(outputs, self.allowed_labels, self.inventory)
            yield from predicted.predictions(part, outputs.offsets, self.inventory)


def load(folder: Path, recipe: EnsembleRecipe) -> EnsembleSystem:
    """The system in a model folder.

    Raises:
        ConfigError: The members do not fit together.
        MassiveKitError: Members are missing, or the model of one is damaged.
    """
    system = EnsembleSystem.load(folder)
    if len(system.members) != len(recipe.members):
        raise MassiveKitError(
            f"{folder} holds {len(system.members)} of the {len(recipe.members)} members of the"
            " ensemble; make the run again"
        )
    return system


def assemble(members: Sequence[MemberRun], folder: Path) -> None:
    """Writes the models of some runs into an empty model folder.

    Raises:
        ConfigError: They do not fit together.
    """
    systems, names = [member.system for member in members], [member.name for member in members]
    if problems := _differences(systems, names):
        raise ConfigError("the runs cannot be put together", problems)
    write_members(folder, [(member.model, member.recipe) for member in members])


def _differences(systems: Sequence[System], names: Sequence[str]) -> list[Problem]:
    """Why some systems cannot be asked together.

    Args:
        systems: The systems.
        names: What each is called.
    """
    first, *others = systems
    characters = ", ".join(sorted(first.character_locales)) or "none"
    return [
        Problem(name, f"its {what} are others", f"{expected} of {names[0]}")
        for name, other in zip(names[1:], others, strict=True)
        for what, of_first, of_other, expected in (
            ("intents", first.inventory.intents, other.inventory.intents, "those"),
            ("labels", first.inventory.labels, other.inventory.labels, "those"),
            (
                "locales whose tokens are characters",
                first.character_locales,
                other.character_locales,
                f"those ({characters})",
            ),
        )
        if of_first != of_other
    ]


def _allowed(systems: Sequence[System]) -> Sequence[Sequence[int]]:
    """For each intent the labels that any of some systems takes; empty where one takes any."""
    pairs = [
        system.allowed_labels if isinstance(system, JointlyDecodedSystem) else ()
        for system in systems
    ]
    if not all(pairs):
        return ()
    return [np.unique(np.concatenate(of_one)).tolist() for of_one in zip(*pairs, strict=True)]
