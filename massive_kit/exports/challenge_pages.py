"""The pages of an EvalAI challenge, about its own tasks and data sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from massive_kit.data.task_data import TaskData

_TEMPLATES = Path(__file__).with_name("evalai_pages")


@dataclass(frozen=True, slots=True)
class Phase:
    """What the pages say of a task.

    Attributes:
        name: Of the task, as `--task` takes it.
        title: What people call it.
        rows: Utterances that are scored.
        languages: Locales that are scored.
        parallel: Whether locales share ids, which then name the same utterance.
    """

    name: str
    title: str
    rows: int
    languages: int
    parallel: bool

    @classmethod
    def of(cls, task_data: TaskData) -> Phase:
        """The phase of a task."""
        test = task_data.test
        ids = test.read(["id"])["id"]
        return cls(
            task_data.task.name,
            task_data.task.title,
            test.rows,
            len(test.locales),
            len(ids.unique()) < len(ids),
        )


def challenge_pages(tasks: Sequence[TaskData]) -> dict[str, str]:
    """The pages by file name.

    Args:
        tasks: The challenge's phases, at least one, on the data sets that are scored.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    shown = {
        "phases": [Phase.of(task_data) for task_data in tasks],
        "example": _example(tasks[0]),
        "spans": _spans(tasks),
    }
    return {
        path.name: environment.get_template(path.name).render(shown)
        for path in sorted(_TEMPLATES.glob("*.html"))
    }


def challenge_title(tasks: Sequence[TaskData]) -> str:
    """What the challenge is called: its benchmarks, which task titles name before a comma."""
    names = dict.fromkeys(task_data.task.title.partition(",")[0] for task_data in tasks)
    return f"{' and '.join(names)}: multilingual intent classification and slot filling"


def challenge_summary(tasks: Sequence[TaskData]) -> str:
    """The challenge in a sentence of at most 140 characters."""
    languages = len({locale for task_data in tasks for locale in task_data.test.locales})
    settings = dict.fromkeys(task_data.task.setting for task_data in tasks)
    noun = "language" if languages == 1 else "languages"
    return f"Understand {languages:,} {noun}: intents and slots, {' and '.join(settings)}."


def _spans(tasks: Sequence[TaskData]) -> str:
    """What a span is, in a few words."""
    schemes = {task_data.store.inventory.scheme for task_data in tasks}
    meanings = {
        "runs": "maximal runs of one label",
        "brackets": "each annotated one by itself, also where two of one slot touch",
    }
    if len(schemes) == 1:
        return meanings[schemes.pop()]
    return "; ".join(
        f"{task_data.task.name}: {meanings[task_data.store.inventory.scheme]}"
        for task_data in tasks
    )


def _example(task_data: TaskData) -> str:
    inventory = task_data.store.inventory
    line = {"id": "0", "locale": task_data.test.locales[0]}
    if inventory.intents:
        line["pred_intent"] = inventory.intents[0]
    if inventory.slots:
        line["pred_annot_utt"] = f"the utterance with its [{inventory.slots[0]} : slots]"
    return orjson.dumps(line).decode()
