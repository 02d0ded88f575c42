"""Which labels stand next to each other in an encoder's training rows, saved beside its weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from massive_kit.data.inventory import Inventory
from massive_kit.data.task_data import TaskData
from massive_kit.errors import ContentError, Problem
from massive_kit.systems.encoder.locale_arrays import load_arrays, save_arrays
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.label_transitions import Transitions, count_transitions

FILE = "label_transitions.safetensors"
_KEY = "inference.transitions"


@dataclass(frozen=True, slots=True)
class LabelTransitions:
    """How much more often labels are neighbours than they would be by chance.

    Attributes:
        ratios: As `count_transitions` gives them.
        inventory: The labels.
    """

    ratios: Transitions
    inventory: Inventory

    @classmethod
    def of(cls, recipe: EncoderRecipe, task_data: TaskData) -> LabelTransitions | None:
        """What a recipe asks for; `None` where it does not.

        Rows of locales whose labels were learnt are counted, and others, whose labels were made of
        these, where there are no such rows.

        Args:
            recipe: The recipe.
            task_data: The task on its data.
        """
        if recipe.inference.transitions is None:
            return None
        train, inventory = task_data.train, task_data.store.inventory
        learnt = [name for name in train.locales if name in train.label_locales]
        splits = [train.only(locale) for locale in learnt or train.locales]
        return cls(count_transitions(splits, inventory, recipe.training.train_rows), inventory)

    def save(self, folder: Path) -> None:
        """Writes them into a model folder, by label."""
        save_arrays(folder / FILE, dict(zip(self.inventory.labels, self.ratios, strict=True)))

    @classmethod
    def load(cls, folder: Path, inventory: Inventory) -> LabelTransitions:
        """Those of an inventory in a model folder; nothing in the file is run.

        Raises:
            MissingDataError: The run was trained without them.
            ContentError: The file cannot be read, or belongs to another model.
        """
        arrays = load_arrays(folder / FILE, len(inventory.labels), _KEY)
        if arrays.keys() != {*inventory.labels}:
            todo = f"`massive-kit configure RUN --out NEW -o {_KEY}.weight=VALUE` makes it anew"
            problem = Problem(str(folder / FILE), "other labels", "those of the model", todo)
            raise ContentError(f"{folder / FILE} does not belong to the model", [problem])
        return cls(np.stack([arrays[label] for label in inventory.labels]), inventory)
