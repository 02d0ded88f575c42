"""A task: which data, which locales train, which are scored, and what the setting is called."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from massive_kit import content
from massive_kit.errors import ConfigError, Problem
from massive_kit.schema.config import Strict, check, read_yaml
from massive_kit.schema.patterns import TASK_NAME
from massive_kit.schema.resources import Resource

Setting = Literal[
    "full", "zero-shot", "zero-shot-strict", "few-shot", "translate-train", "in-context"
]
Architecture = Literal["encoder", "seq2seq", "decoder", "other"]

# Settings in which the locales that are trained on are sources, and not what is scored.
ZERO_SHOT_SETTINGS: frozenset[Setting] = frozenset({"zero-shot", "zero-shot-strict"})
# What a setting is about, and so allows where a task says nothing of resources.
_ALLOWED_BY_SETTING: Mapping[str, list[Resource]] = {
    "full": ["target-labels"],
    "few-shot": ["target-labels"],
    "translate-train": ["machine-translation"],
}


class TaskSplit(Strict):
    """One partition over some locales.

    Attributes:
        partition: Name of the partition in the store, such as `train`, `dev` or `test`.
        locales: `all` for every locale of the store, or a list. Its entries are locales (`en-US`),
            or a column of the language table with a value (`in_massive_1.0=yes`).
        without: Entries of the same form whose locales are left out again.
    """

    partition: str = Field(min_length=1)
    locales: Literal["all"] | list[str] = "all"
    without: list[str] = []

    @field_validator("locales", "without", mode="before")
    @classmethod
    def _no_norway(cls, value: Any) -> Any:
        if value is False or (isinstance(value, list) and False in value):
            raise ValueError("YAML reads no as false; write nb-NO")
        return value

    @field_validator("locales", "without")
    @classmethod
    def _no_empty(cls, value: str | list[str]) -> str | list[str]:
        if isinstance(value, list) and any(not entry.strip() for entry in value):
            raise ValueError("no empty entries")
        return value


class ScoredSplit(TaskSplit):
    """The partition that is scored, or a part of it.

    Attributes:
        ids: A file with the ids of the utterances that are scored, one a line; its path is relative
            to the task's. Without it all are.
    """

    ids: str | None = Field(default=None, min_length=1)


class Task(Strict):
    """What a system is asked to do, and on which data.

    Attributes:
        name: Short name, unique; what `--task` takes.
        title: One line for people.
        setting: The field's name for how training and test locales relate.
        data: Names of the stores that fit; the first is the default.
        train: What a system may be trained on.
        dev: What checkpoints are selected on.
        test: What is scored.
        source_locale: The locale that transfer is measured from, if any; by default the only
            training locale of a zero-shot task.
        inventory: What declares the labels that the data have, whether they occur in them or not: a
            file (relative to this one), `massive`, or the name of a store; labels of a list of
            these are joined. By default those of the data that are scored.
        languages: A CSV with rows beside (or instead of) the package's language table; its path is
            relative to this file.
        caps: Most parameters, embeddings included, per architecture; with caps, other architectures
            are not admitted.
        allow: Resources that may be used beside the source labels; by default those that the
            setting is about: the labels of `full` and `few-shot`, the translation of
            `translate-train`.
        note: Anything a reader of the scores must know.
    """

    name: str = Field(pattern=TASK_NAME)
    title: str
    setting: Setting
    data: list[str] = Field(min_length=1)
    train: TaskSplit
    dev: TaskSplit
    test: ScoredSplit
    source_locale: str | None = None
    inventory: str | list[str] | None = None
    languages: str | None = None
    caps: dict[Architecture, int] = {}
    allow: list[Resource] = []
    note: str = ""

    @field_validator("inventory")
    @classmethod
    def _declared_somewhere(cls, value: str | list[str] | None) -> str | list[str] | None:
        names = [value] if isinstance(value, str) else value
        if names is not None and (not names or not all(name.strip() for name in names)):
            raise ValueError("a file, the name of a store, or massive")
        return value

    @model_validator(mode="before")
    @classmethod
    def _allow_by_setting(cls, values: Any) -> Any:
        if isinstance(values, dict) and "allow" not in values:
            allowed = _ALLOWED_BY_SETTING.get(str(values.get("setting")), [])
            return {**values, "allow": allowed}
        return values

    @model_validator(mode="after")
    def _strict_selects_on_what_it_trains_on(self) -> Task:
        if self.setting != "zero-shot-strict" or self.train.locales == "all":
            return self
        chosen = ["all"] if self.dev.locales == "all" else self.dev.locales
        more = [entry for entry in chosen if entry not in (*self.train.locales, *self.dev.without)]
        if more:
            raise ValueError(
                f"zero-shot-strict selects checkpoints on the languages that it trains on, and dev"
                f" names {', '.join(more)}; name those of train, or take the setting zero-shot"
            )
        return self


def _check_held_out(task: Task, path: Path) -> None:
    if task.train.partition == task.test.partition and _share_a_locale(task.train, task.test):
        problem = Problem(
            str(path),
            f"train and test both name the partition {task.test.partition} of the same locales,"
            " so that scored rows would be trained on",
            "rows that are held out",
            "score another partition, or leave the locales that are scored out of train",
        )
        raise ConfigError("the task trains on what it scores", [problem])


def _share_a_locale(first: TaskSplit, second: TaskSplit) -> bool:
    """Whether both name a locale; `False` where that takes the language table to know."""
    left_out = {*first.without, *second.without}
    listed = [{*split.locales} for split in (first, second) if split.locales != "all"]
    if any("=" in entry for entry in left_out.union(*listed)):
        return False
    return not listed or bool(set.intersection(*listed) - left_out)


def task_names() -> list[str]:
    """The names of all tasks, sorted; an inventory that stands beside a task is none.

    A file that cannot be read has a name, too; `load_task` says what is wrong with it.
    """
    names = content.all_names("tasks")
    return [name for name in names if not _declares_labels(content.find("tasks", name))]


def _declares_labels(path: Path) -> bool:
    try:
        keys = read_yaml(path).keys()
    except ConfigError:
        return False
    return "setting" not in keys and not keys.isdisjoint({"intents", "slots"})


def load_task(name: str) -> Task:
    """The task of that name, or in the file of that path.

    Raises:
        MissingDataError: There is none.
        ConfigError: It is wrong; every mistake is reported.
    """
    path = content.find("tasks", name)
    task = check(Task, read_yaml(path), str(path))
    _check_held_out(task, path)
    beside: dict[str, Any] = {}
    if task.languages and not Path(task.languages).is_absolute():
        beside["languages"] = str(path.parent / task.languages)
    if task.test.ids and not Path(task.test.ids).is_absolute():
        ids = str(path.parent / task.test.ids)
        beside["test"] = task.test.model_copy(update={"ids": ids})
    if isinstance(task.inventory, str):
        beside["inventory"] = _beside(path, task.inventory)
    elif task.inventory is not None:
        beside["inventory"] = [_beside(path, name) for name in task.inventory]
    return task.model_copy(update=beside)


def _beside(path: Path, name: str) -> str:
    """A file beside a task's, or the name of something else."""
    file = path.parent / name
    # The original's maps are named by what their names begin with.
    maps = file.with_name(f"{file.name}.intents")
    return str(file) if file.is_file() or maps.is_file() else name
