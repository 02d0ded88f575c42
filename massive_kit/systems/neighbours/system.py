"""Neighbours that vote at work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory, read_inventory, write_inventory
from massive_kit.data.tokens import OTHER
from massive_kit.errors import MassiveKitError
from massive_kit.files import jsonio
from massive_kit.files.npz import read_arrays, write_arrays
from massive_kit.languages import character_locales
from massive_kit.schema.config import check
from massive_kit.systems.interface import Prediction, Utterance
from massive_kit.systems.neighbours.recipe import NeighboursRecipe
from massive_kit.systems.neighbours.slot_values import SlotValues
from massive_kit.systems.retrieval.encoder_settings import SentenceEncoderSettings
from massive_kit.systems.retrieval.ranked_rows import RankedRows
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder
from massive_kit.systems.retrieval.vector_index import VectorIndex
from massive_kit.systems.retrieval.vote_settings import Vote
from massive_kit.systems.retrieval.voters import votes

_INTENTS, _SETTINGS = "intents.npz", "neighbours.json"


@dataclass(frozen=True, slots=True)
class NeighboursSystem:
    """Training rows that vote, with the encoder that finds them.

    Attributes:
        encoder: The frozen encoder.
        index: The vectors of the training rows.
        intents: Shape (rows,), the intent of each, as the inventory counts; without intents -1.
        values: The slot values that are copied.
        inventory: The labels.
        character_locales: Locales whose tokens are characters.
        vote: How the nearest rows become an intent.
        copy_slots: Whether slots are copied at all.
    """

    encoder: SentenceEncoder
    index: VectorIndex
    intents: NDArray[np.int32]
    values: SlotValues
    inventory: Inventory
    character_locales: frozenset[str]
    vote: Vote = field(default_factory=Vote)
    copy_slots: bool = True

    @classmethod
    def load(
        cls,
        folder: Path,
        vote: Vote | None = None,
        *,
        copy_slots: bool = True,
        precision: str = "auto",
    ) -> NeighboursSystem:
        """The system in a model folder.

        Raises:
            MassiveKitError: The folder's files do not fit together.
        """
        settings = check(
            SentenceEncoderSettings, jsonio.read_json(folder / _SETTINGS), str(folder / _SETTINGS)
        )
        index = VectorIndex.load(folder)
        intents = read_arrays(folder / _INTENTS)["intents"]
        inventory = read_inventory(folder)
        if len(intents) != len(index) or intents.max(initial=-1) >= len(inventory.intents):
            raise MassiveKitError(
                f"the model in {folder} cannot be loaded: its vectors, intents and inventory are"
                " of different rows; train again"
            )
        return cls(
            SentenceEncoder.saved(folder, settings, precision),
            index,
            intents,
            SlotValues.load(folder),
            inventory,
            character_locales(),
            vote or Vote(),
            copy_slots,
        )

    def save(self, folder: Path) -> None:
        """Writes it into an empty folder: encoder, vectors, intents, values, inventory."""
        self.encoder.save(folder)
        self.index.save(folder)
        write_arrays(folder / _INTENTS, {"intents": self.intents})
        self.values.save(folder)
        write_inventory(folder, self.inventory)
        jsonio.write_json(folder / _SETTINGS, self.encoder.settings.model_dump(mode="json"))

    def predict(self, utterances: Sequence[Utterance]) -> Iterator[Prediction]:
        """A prediction for each utterance, in order; all are looked up at once."""
        vectors = self.encoder.vectors([utterance.text for utterance in utterances])
        locales = [utterance.locale for utterance in utterances]
        winners = self._winners(self.index.nearest(vectors, locales, self.vote.k))
        names, scheme = self.inventory.intents, self.inventory.scheme
        for utterance, winner in zip(utterances, winners, strict=True):
            intent = names[winner] if names else None
            labels = [OTHER] * len(utterance.tokens)
            if self.copy_slots:
                labels = self.values.labels(utterance.tokens, intent or "", scheme)
            yield Prediction(utterance, intent, labels)

    def _winners(self, nearest: RankedRows) -> list[int]:
        """The intent of each utterance; of equal votes the first of the inventory."""
        count = len(self.inventory.intents)
        if not count:
            return [0] * len(nearest)
        given = votes(nearest, self.intents, count, self.vote.temperature)
        winners: list[int] = given.argmax(axis=1).tolist()
        return winners


def load(folder: Path, recipe: NeighboursRecipe) -> NeighboursSystem:
    """The system in a model folder, as its recipe says.

    Raises:
        MassiveKitError: The folder's files do not fit together.
    """
    return NeighboursSystem.load(
        folder, recipe.vote, copy_slots=recipe.copy_slots, precision=recipe.precision
    )
