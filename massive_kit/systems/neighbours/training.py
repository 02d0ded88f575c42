"""Prepares neighbours that vote: rows become vectors, and there is nothing to fit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from massive_kit.data.inventory import Inventory
from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.errors import TrainingError
from massive_kit.files.atomic import atomic_folder
from massive_kit.languages import character_locales
from massive_kit.systems.kind import Facts, Preparation
from massive_kit.systems.model_size import parameter_facts
from massive_kit.systems.neighbours.recipe import NeighboursRecipe
from massive_kit.systems.neighbours.slot_values import LabelledTokens, SlotValues
from massive_kit.systems.neighbours.system import NeighboursSystem
from massive_kit.systems.retrieval.language_means import language_means
from massive_kit.systems.retrieval.sentence_encoder import SentenceEncoder
from massive_kit.systems.retrieval.vector_index import VectorIndex, Vectors


def prepare(recipe: NeighboursRecipe, task_data: TaskData, session: None) -> Preparation:
    """Reads the training rows and makes their vectors.

    Raises:
        MissingDataError: The encoder is not found, or a language has no text to centre by.
        ConfigError: The recipe does not fit the encoder.
        TrainingError: No training row has a label to vote with.
    """
    del session
    inventory = task_data.store.inventory
    rows = _read(task_data.train, inventory, recipe.train_rows)
    encoder = SentenceEncoder.load(recipe.model, recipe.precision)
    vectors = encoder.vectors(rows.texts)
    means: dict[str, Vectors] = {}
    if recipe.centring is not None:
        means = language_means(recipe.centring, task_data, encoder, "centring")
    system = NeighboursSystem(
        encoder,
        VectorIndex.of(vectors, rows.locales, means),
        rows.intents,
        SlotValues.of(rows.labelled, inventory.scheme),
        inventory,
        character_locales(),
    )
    return Preparation(None, _Saving(system))


@dataclass(frozen=True, slots=True)
class _Saving:
    """Saves the system."""

    system: NeighboursSystem

    def __call__(self, model: None, folder: Path) -> Facts:
        del model
        with atomic_folder(folder) as new:
            self.system.save(new)
            # Weights are saved as a private file, the others as anybody's.
            mode = (new / "inventory.json").stat().st_mode
            for path in new.iterdir():
                path.chmod(mode)
        return parameter_facts(self.system.encoder.body) | {
            "train_rows": len(self.system.index),
            "slot_values": len(self.system.values),
            "centred_locales": sorted(self.system.index.means),
        }


@dataclass(frozen=True, slots=True)
class _TrainingRows:
    """The rows that may vote.

    Attributes:
        texts: Of each row.
        locales: Of each row.
        intents: Shape (n,), as the inventory counts; -1 where the corpus has none.
        labelled: Tokens and labels of each row.
    """

    texts: list[str]
    locales: list[str]
    intents: NDArray[np.int32]
    labelled: list[LabelledTokens]


def _read(train: DataSplit, inventory: Inventory, most: int | None) -> _TrainingRows:
    texts: list[str] = []
    locales: list[str] = []
    labelled: list[LabelledTokens] = []
    for split in train.by_locale():
        table = split.read(["utt", "intent", "tokens"])
        columns = split.labels()
        rows = split.capped_rows(most)
        for row in range(len(table)) if rows is None else rows.tolist():
            intent = table["intent"][row].as_py()
            # A row without an intent has no vote.
            if intent is None and inventory.intents:
                continue
            texts.append(table["utt"][row].as_py())
            locales += split.locales
            tokens = table["tokens"][row].as_py()
            labelled.append(LabelledTokens(intent or "", tokens, columns.row_labels(row)))
    if not texts:
        raise TrainingError(f"no row of {train.partition} of {train.store.name} has an intent")
    numbers = [inventory.intent_index.get(row.intent, -1) for row in labelled]
    return _TrainingRows(texts, locales, np.array(numbers, np.int32), labelled)
