"""Draws the labelled utterances that may stand in prompts; what is drawn is repeatable."""

from __future__ import annotations

from collections.abc import Sequence

from massive_kit.data.span_schemes import scheme_labels
from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData
from massive_kit.data.text_spans import text_spans
from massive_kit.errors import ConfigError, Problem
from massive_kit.systems.prompted.demonstration import Demonstration
from massive_kit.systems.prompted.recipe import Demonstrations
from massive_kit.systems.retrieval.draws import balanced_draw, fixed_rows

# A fixed demonstration that is the utterance itself makes room for one of these.
_SPARE = 8
# Of each intent, so many rows are enough to draw from.
_ROWS_OF_INTENT = 20
_COLUMNS = ("id", "locale", "utt", "intent", "tokens", "labels", "boundaries")


def source_locale(task_data: TaskData) -> str:
    """Where demonstrations come from that are in one language for all.

    The task's source locale, or the first of its training locales.
    """
    named, there = task_data.task.source_locale, task_data.train.locales
    return named if named in there else there[0]


def used_locales(settings: Demonstrations, task_data: TaskData) -> tuple[str, ...]:
    """The locales whose labels a run uses, in the order of the training split.

    The source locale is always among them: it says which slots stand with which intent.

    Raises:
        ConfigError: The task's training split lacks an utterance's own locale.
    """
    used = {source_locale(task_data)}
    if settings.count and settings.languages != "source":
        missing = [name for name in task_data.test.locales if name not in task_data.train.locales]
        if missing:
            problem = Problem(
                "recipe",
                f"demonstrations.languages is {settings.languages}, and {task_data.task.name} has"
                f" no training rows of {', '.join(missing[:5])}{', ...' if missing[5:] else ''}",
                "training rows of each locale that is tested",
                "take -o demonstrations.languages=source, or a task that trains on them",
            )
            raise ConfigError("the recipe does not fit the task", [problem])
        used |= {*task_data.test.locales}
    return tuple(name for name in task_data.train.locales if name in used)


def draw(rows: Sequence[Demonstration], settings: Demonstrations) -> list[Demonstration]:
    """What of the labelled rows of a locale may stand in prompts.

    Raises:
        ConfigError: The recipe names rows that are not there.
    """
    if settings.choose == "fixed":
        return _fixed(rows, settings)
    drawn = in_turn(rows, settings.seed)
    if settings.choose == "random":
        return drawn[: _ROWS_OF_INTENT * len({row.intent for row in rows})]
    return drawn


def read_demonstrations(split: DataSplit, most: int | None) -> list[Demonstration]:
    """The labelled rows of one locale, at most so many, drawn."""
    table = split.read(_COLUMNS, most)
    inventory = split.store.inventory
    return [
        Demonstration(
            row["id"],
            row["locale"],
            row["utt"],
            row["intent"],
            text_spans(
                row["utt"],
                row["tokens"],
                scheme_labels(row["labels"], row["boundaries"] or (), inventory.scheme),
                inventory.scheme,
            ),
        )
        for row in table.to_pylist()
        if row["labels"] is not None and (row["intent"] is not None or not inventory.intents)
    ]


def in_turn(rows: Sequence[Demonstration], seed: int) -> list[Demonstration]:
    """All rows in a drawn order that goes through the intents in turn."""
    ids, intents = [row.id for row in rows], [row.intent for row in rows]
    return [rows[i] for i in balanced_draw(ids, intents, len(rows), seed)]


def _fixed(rows: Sequence[Demonstration], settings: Demonstrations) -> list[Demonstration]:
    named = fixed_rows([row.id for row in rows], settings.ids, "demonstrations.ids")
    others = [row for row in in_turn(rows, settings.seed) if row.id not in settings.ids]
    return [*(rows[i] for i in named), *others][: settings.count + _SPARE]
