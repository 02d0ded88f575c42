"""What a teacher says of the rows or of the text that an encoder learns from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from transformers.configuration_utils import PreTrainedConfig

from massive_kit.data.label_distributions import LabelDistributions
from massive_kit.data.ragged import rows_of
from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.data.unlabelled_text import text_split
from massive_kit.data.word_states import StatesAsked
from massive_kit.engine.memory import available_memory
from massive_kit.engine.objectives import auxiliary_settings, teaching_objective
from massive_kit.engine.objectives.distillation import Settings
from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.encoder.dataset import EncoderDataset, encode_utterances
from massive_kit.systems.encoder.recipe import EncoderRecipe

# All that is said is held in memory, as half precision; hidden states where they take no more than
# this share of what the system has to give, and in files otherwise.
_SHARE_OF_MEMORY = 0.5
_MOST_BYTES = 4 * 2**30
_MOST_BYTES_OF_STATES = 16 * 2**30
_BYTES = 2


@dataclass(frozen=True, slots=True)
class TeacherOutputs:
    """What a teacher says.

    Attributes:
        outputs: Of each text, or of each row of the task in the order of its training rows.
        text: The text as the student reads it; `None` where rows of the task are taught.
        layers: The student's layers whose hidden states are compared, counted from 0.
    """

    outputs: LabelDistributions
    text: EncoderDataset | None
    layers: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        recipe: EncoderRecipe,
        task_data: TaskData,
        tokenizer: Any,
        body: PreTrainedConfig,
    ) -> TeacherOutputs | None:
        """What the teacher of a recipe says; `None` where there is none.

        Args:
            recipe: The recipe.
            task_data: The task on its data; labels are not read.
            tokenizer: The student's, which cuts text.
            body: The configuration of the student's body.

        Raises:
            ConfigError: The data do not have what is asked for, memory would not hold it, or the
                teacher has no such hidden states.
        """
        name = teaching_objective(recipe.objective)
        if name is None or task_data.teacher is None:
            return None
        settings: Settings = auxiliary_settings(recipe.objective, name)
        locales = recipe.text_locales()
        if settings.reads == "rows" or locales is None:
            tables = _tables(task_data.train, recipe.training.train_rows)
        else:
            most = settings.rows or recipe.training.train_rows
            tables = _tables(text_split(task_data, locales, "recipe: objective.text"), most)
        layers, asked = _compared(settings, body)
        _check_size(tables, task_data, name, asked)
        # A student starts from the weights that it would have without a teacher.
        with torch.random.fork_rng(devices=[]):
            outputs = task_data.teacher.distributions(tables.items(), asked)
        states = outputs.states
        if states is not None and states.nbytes <= _SHARE_OF_MEMORY * available_memory():
            outputs = replace(outputs, states=states.in_memory())
        text = _text(tables, recipe, tokenizer) if settings.reads == "text" else None
        return cls(outputs, text, layers)

    def remapped(self, table: NDArray[np.int32]) -> TeacherOutputs:
        """The same with other subword ids: `table[old] = new`."""
        return self if self.text is None else replace(self, text=self.text.remapped(table))


def without_foreign_labels(
    recipe: EncoderRecipe, task_data: TaskData, data: EncoderDataset
) -> EncoderDataset:
    """The training rows, those that a teacher alone is to speak of without their labels.

    Raises:
        ConfigError: There are none.
    """
    name = teaching_objective(recipe.objective)
    if name is None or not auxiliary_settings(recipe.objective, name).instead:
        return data
    source = task_data.train.store.labels_from
    foreign = [source.get(locale, locale) != locale for locale in data.locales]
    if not any(foreign):
        problem = Problem(
            "recipe",
            f"objective.auxiliary_settings.{name}.instead is set, and every row of"
            f" {task_data.train.store.name} has labels of its own",
            "a store with rows whose labels were taken over",
            "massive-kit data derive translate-words, or pseudo-label, makes one; --train-data",
        )
        raise ConfigError("the recipe does not fit the data", [problem])
    rows = np.array(foreign)[data.locale]
    return replace(
        data,
        intents=np.where(rows, np.int32(-1), data.intents),
        labels=np.where(rows[rows_of(data.token_offsets)], np.int16(-1), data.labels),
    )


def _tables(split: DataSplit, most: int | None) -> Mapping[str, pa.Table]:
    """Id, text and tokens of each locale, in the order in which rows are encoded."""
    parts = split.unlabelled().by_locale()
    return {part.locales[0]: part.read(["id", "utt", "tokens"], most) for part in parts}


def _text(tables: Mapping[str, pa.Table], recipe: EncoderRecipe, tokenizer: Any) -> EncoderDataset:
    def column(name: str) -> Sequence[Any]:
        return [value for table in tables.values() for value in table[name].to_pylist()]

    return encode_utterances(
        column("utt"),
        column("tokens"),
        tokenizer,
        placement=recipe.model.placement,
        max_length=recipe.model.max_length,
    )


def _compared(
    settings: Settings, body: PreTrainedConfig
) -> tuple[tuple[int, ...], StatesAsked | None]:
    """The student's layers that are compared, and which of the teacher's are asked for."""
    if not settings.hidden:
        return (), None
    count, width = int(body.num_hidden_layers), int(body.hidden_size)
    if settings.hidden_layers is None:
        shares = tuple(Fraction(layer + 1, count) for layer in range(count))
        return tuple(range(count)), StatesAsked(shares, width)
    layers = tuple(layer for layer, _ in settings.hidden_layers)
    if max(layers) >= count:
        problem = Problem(
            "recipe", f"hidden_layers names the student's layer {max(layers)}", f"0 to {count - 1}"
        )
        raise ConfigError("the recipe does not fit the model", [problem])
    return layers, StatesAsked(tuple(layer for _, layer in settings.hidden_layers), width)


def _check_size(
    tables: Mapping[str, pa.Table], task_data: TaskData, name: str, asked: StatesAsked | None
) -> None:
    inventory = task_data.store.inventory
    rows = sum(len(table) for table in tables.values())
    tokens = sum(len(table["tokens"].combine_chunks().flatten()) for table in tables.values())
    said = _BYTES * (rows * len(inventory.intents) + tokens * len(inventory.labels))
    states = 0 if asked is None else _BYTES * tokens * len(asked.layers) * asked.width
    fewer = f"-o objective.auxiliary_settings.{name}.rows=N, or training.train_rows=N, fewer texts"
    problems = [
        Problem(
            "recipe",
            f"{name}: {what} of {rows:,} texts takes {size / 2**30:.1f} GiB",
            f"at most {most // 2**30} GiB",
            todo,
        )
        for what, size, most, todo in (
            ("what a teacher says", said, _MOST_BYTES, fewer),
            ("what it thinks", states, _MOST_BYTES_OF_STATES, f"{fewer}; or fewer hidden_layers"),
        )
        if size > most
    ]
    if problems:
        raise ConfigError("too much is asked of the teacher", problems)
