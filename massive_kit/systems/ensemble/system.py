"""An ensemble as a system: the mean of what its members say, read as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_distributions import LabelDistributions, mean_of
from massive_kit.errors import ConfigError, MassiveKitError, Problem
from massive_kit.systems.composite.counting import CountedReadings
from massive_kit.systems.composite.members import load_members, write_members
from massive_kit.systems.composite.system import CompositeSystem
from massive_kit.systems.ensemble.recipe import EnsembleRecipe
from massive_kit.systems.interface import (
    DistributionSystem,
    JointlyDecodedSystem,
    System,
    Utterance,
)
from massive_kit.systems.kind import MemberRun
from massive_kit.systems.label_transitions import Transitions, mean_transitions


@dataclass(frozen=True, slots=True)
class EnsembleSystem(CompositeSystem):
    """Several systems of the same labels.

    Attributes:
        members: Each says how likely each label is.
        inventory: The labels that all of them know.
        character_locales: Locales whose tokens are characters.
        allowed_labels: For each intent the labels that any member has seen with it; empty where
            one of the members takes any.
        transitions: The mean of what the members read labels by beside what they say of each.
    """

    title: ClassVar[str] = "an ensemble"
    asked: ClassVar[str] = "one of its members"

    members: Sequence[DistributionSystem]
    inventory: Inventory
    character_locales: frozenset[str]
    allowed_labels: Sequence[Sequence[int]] = ()
    transitions: Transitions | None = None

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
        together = mean_transitions(
            [
                system.transitions if isinstance(system, JointlyDecodedSystem) else None
                for system in systems
            ]
        )
        allowed = _allowed(systems)
        return cls(members, first.inventory, first.character_locales, allowed, together)

    @classmethod
    def load(cls, folder: Path) -> EnsembleSystem:
        """The system in a model folder.

        Raises:
            ConfigError: The members do not fit together.
            MassiveKitError: Members are missing, or the model of one is damaged.
        """
        return cls.of(load_members(folder))

    def mean_distributions(
        self, utterances: Sequence[Utterance], progress: Callable[[int], None] | None
    ) -> LabelDistributions:
        """The logarithms of the members' mean probabilities of all intents and token labels.

        Args:
            utterances: The utterances.
            progress: Called with the number of utterances that were read; one counts when each
                member has read as many.
        """
        counted = CountedReadings(len(self.members), progress)
        return mean_of(
            [member.label_distributions(utterances, None, counted.add) for member in self.members]
        )


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
