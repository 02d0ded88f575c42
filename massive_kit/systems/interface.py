"""A system is whatever turns utterances into predictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from massive_kit.data.inventory import Inventory, read_inventory
from massive_kit.data.tokens import OTHER
from massive_kit.errors import MassiveKitError, UsageError
from massive_kit.languages import character_locales
from massive_kit.runs.folder import RunFolder
from massive_kit.schema.recipe import Placement, Recipe
from massive_kit.systems.majority.counting import Majority


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
        intent: Its name.
        labels: A slot's name or `Other` for each token.
        failed: The model's answer could not be read, so that this stands in for it.
    """

    utterance: Utterance
    intent: str
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


@dataclass(frozen=True, slots=True)
class MajoritySystem:
    """One intent for everything, and no slots."""

    majority: Majority
    inventory: Inventory
    character_locales: frozenset[str]

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        """The same for each utterance."""
        for one in utterances:
            yield Prediction(one, self.majority.intent, [OTHER] * len(one.tokens))


def load_system(run: Path, placement: Placement | None = None) -> System:
    """The system of a run directory.

    Args:
        run: The run directory.
        placement: Which piece speaks for a token, where it is not to be the one of training.

    Raises:
        MissingDataError: The directory holds no finished run.
        MassiveKitError: Its model is damaged.
        UsageError: A placement for a system that is no encoder.
    """
    folder = RunFolder(run)
    recipe = folder.recipe()
    folder.facts()
    if placement is not None and recipe.kind != "encoder":
        raise UsageError(f"--placement is for encoders; {run} is of kind {recipe.kind}")
    try:
        return _load(folder, recipe, placement)
    except MassiveKitError:
        raise
    except Exception as error:  # of any library that reads a piece of a model
        raise MassiveKitError(
            f"the model in {folder.model} cannot be loaded: {error}; train again"
        ) from error


def _load(folder: RunFolder, recipe: Recipe, placement: Placement | None) -> System:
    if recipe.kind == "majority":
        return MajoritySystem(
            Majority.load(folder.model), read_inventory(folder.model), character_locales()
        )
    if recipe.kind == "encoder":
        from massive_kit.systems.encoder.system import EncoderSystem

        return EncoderSystem.load(folder.model, recipe.training.precision, placement)
    from massive_kit.systems.seq2seq.system import Seq2SeqSystem

    return Seq2SeqSystem.load(folder.model, recipe.model, recipe.training.precision)
