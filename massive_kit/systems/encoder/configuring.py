"""Gives a fitted encoder other settings of inference, without training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from massive_kit.data.task_data import TaskData
from massive_kit.engine.observer import TextObserver
from massive_kit.systems.encoder.dataset import encode_split
from massive_kit.systems.encoder.fitted_parts import fitted_parts
from massive_kit.systems.encoder.inference_parts import PART_NAMES
from massive_kit.systems.encoder.intent_centring import CentringTexts
from massive_kit.systems.encoder.label_rates import PreparedRates
from massive_kit.systems.encoder.neighbour_weight import PreparedNeighbours
from massive_kit.systems.encoder.recipe import EncoderRecipe
from massive_kit.systems.encoder.system import EncoderSystem
from massive_kit.systems.encoder.transitions import LabelTransitions
from massive_kit.systems.kind import Facts
from massive_kit.systems.model_size import parameter_facts
from massive_kit.systems.saving import carry_over, make_readable


def configure(
    recipe: EncoderRecipe,
    task_data: TaskData,
    model: Path,
    folder: Path,
    observer: TextObserver,
) -> Facts:
    """Writes a fitted model into a new folder, with what `inference` asks for beside it.

    Both are the same as if the model had been trained with these settings.

    Args:
        recipe: The recipe that it was trained with, with the new settings.
        task_data: The task on the data that it was trained on.
        model: Its folder.
        folder: The new folder, which is there and empty.
        observer: Whom to tell how much of the languages' text is read.

    Returns:
        Facts of the run that depend on the settings.

    Raises:
        MissingDataError: The encoder of neighbours, or text of a language, is not found.
        ConfigError: The settings do not fit the encoder or the data.
        MassiveKitError: The model is damaged.
    """
    system = EncoderSystem.load(model, recipe.training.precision, recipe.model.placement)
    system = replace(system, budget=recipe.training.eval_batch_tokens or system.budget)
    dev = encode_split(
        task_data.dev,
        system.tokenizer,
        placement=system.placement,
        max_length=recipe.model.max_length,
        rows=recipe.training.dev_rows,
    )
    neighbours = PreparedNeighbours.of(recipe, task_data, dev, system.precision)
    centring = CentringTexts.of(recipe, task_data, system.tokenizer, system.precision)
    rates = PreparedRates.of(recipe, task_data)
    weighed = None if neighbours is None else neighbours.weighed(system.model)
    transitions = LabelTransitions.of(recipe, task_data)
    parts = fitted_parts(system, weighed, centring, rates, transitions, observer)
    carry_over(model, folder, without=PART_NAMES)
    parts.save(folder)
    make_readable(folder)
    counts = parameter_facts(system.model)
    # How many of them were trained the parameters do not say any more.
    return parts.added_to({key: counts[key] for key in counts if key != "trained_parameters"})
