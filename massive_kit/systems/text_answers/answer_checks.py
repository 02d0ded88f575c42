"""Whether a recipe's format and tokenizer can say all that the labels of the data say."""

from __future__ import annotations

from typing import Any

import numpy as np

from massive_kit.data.spans import find_spans, touching
from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.engine.tokenizers import settings_tokenizer
from massive_kit.errors import ConfigError, Problem, TrainingError
from massive_kit.schema.base_model import TokenizerTraining
from massive_kit.systems.text_answers.answer_grammar import item_encoder, written_alike
from massive_kit.systems.text_answers.model_settings import TextRecipe
from massive_kit.systems.text_answers.verbaliser import Verbaliser

_ROWS_NAMED = 3


def check_answers(recipe: TextRecipe, task_data: TaskData) -> None:
    """Makes sure that there is an intent to write, and that the format says all that labels say.

    Raises:
        TrainingError: The data have no intents.
        ConfigError: The format merges what the data keep apart.
    """
    if not task_data.store.inventory.intents:
        raise TrainingError(
            f"a {recipe.kind} system writes an intent for each utterance, and"
            f" {task_data.store.name} has none; train an encoder"
        )
    check_format(recipe, task_data)


def check_format(recipe: TextRecipe, task_data: TaskData) -> None:
    """Makes sure that the format tells touching spans of one slot apart, where the data have some.

    Raises:
        ConfigError: It does not.
    """
    form = recipe.model.format
    if form.inside != "slot_name" or task_data.store.inventory.scheme == "runs":
        return
    problems = [
        Problem(
            f"{split.store.name}, {split.partition}",
            f"{_counted(rows)} with a slot directly after another of its kind, which"
            " model.format.inside=slot_name writes as one slot",
            "a format with a mark for the further tokens of a slot",
            "add -o model.format.inside=inside_slot_name",
        )
        for split in (task_data.train, task_data.dev)
        if (rows := _touching_rows(split))
    ]
    if problems:
        raise ConfigError("the recipe's format cannot say what the labels say", problems)


def _touching_rows(split: DataSplit) -> list[str]:
    columns = split.labels()
    spans = find_spans(columns.labels, columns.offsets, columns.inventory)
    rows = np.unique(spans.row[touching(spans)]).tolist()
    return [f"{columns.locales[columns.locale[row]]}/{columns.ids[row]}" for row in rows]


def _counted(rows: list[str]) -> str:
    noun = "row" if len(rows) == 1 else "rows"
    more = ", ..." if len(rows) > _ROWS_NAMED else ""
    return f"{len(rows):,} {noun} ({', '.join(rows[:_ROWS_NAMED])}{more})"


def answer_tokenizer(recipe: TextRecipe, task_data: TaskData) -> Any:
    """The recipe's tokenizer, which writes each intent and slot in its own way.

    One that is trained on utterances alone may know no letter of two names; then it is trained on
    the names, too.

    Raises:
        ConfigError: A tokenizer that is not trained here writes two names alike.
    """
    settings, rows = recipe.model, recipe.training.train_rows
    verbaliser = Verbaliser(task_data.store.inventory, settings.format)
    tokenizer = settings_tokenizer(settings, task_data.train, rows)
    alike = written_alike(verbaliser, item_encoder(tokenizer))
    if alike and isinstance(settings.tokenizer, TokenizerTraining):
        names = [*verbaliser.intents, *verbaliser.meanings]
        tokenizer = settings_tokenizer(settings, task_data.train, rows, names)
        alike = written_alike(verbaliser, item_encoder(tokenizer))
    if alike:
        problems = [
            Problem(
                "recipe",
                f"the tokenizer cuts {first!r} and {second!r} into the same subwords",
                "subwords that tell the labels apart",
                "name another model.tokenizer, or rename a label",
            )
            for first, second in alike
        ]
        raise ConfigError("the tokenizer does not fit the labels", problems)
    return tokenizer
