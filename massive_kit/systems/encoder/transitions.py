"""Which labels stand next to each other in an encoder's training rows."""

from __future__ import annotations

from massive_kit.data.task_data import TaskData
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.label_transitions import LabelTransitions


def counted_transitions(recipe: EncoderRecipe, task_data: TaskData) -> LabelTransitions | None:
    """What a recipe asks for; `None` where it does not.

    Rows of locales whose labels were learnt are counted, and others, whose labels were made of
    these, where there are no such rows.

    Args:
        recipe: The recipe.
        task_data: The task on its data.
    """
    if recipe.inference.transitions is None:
        return None
    train = task_data.train
    learnt = [name for name in train.locales if name in train.label_locales]
    splits = [train.only(locale) for locale in learnt or train.locales]
    return LabelTransitions.count(splits, task_data.store.inventory, recipe.training.train_rows)
