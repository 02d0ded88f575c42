"""What `--over data.KEY=...` does: the stores that the runs of a sweep train on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from massive_kit.data.derivation import Transform, derive
from massive_kit.data.derive.mix import Mix
from massive_kit.data.derive.sample import Sample
from massive_kit.data.store import INDEX, Store
from massive_kit.data.task_data import TaskData, lay_task
from massive_kit.errors import UsageError
from massive_kit.schema.task import Task

PER_INTENT = "per_intent"
LOCALES = "locales"
MIX = "mix"
KEYS = {
    PER_INTENT: "rows of each intent of each language but the source's: 0, 5, ... or all",
    LOCALES: "which locales are trained on, joined by +, such as de-DE+hi-IN",
    MIX: "temperature by which languages are mixed, 1 as they are, inf all alike",
}
ALL = "all"


@dataclass(frozen=True, slots=True)
class DataPoint:
    """How the training data of a run differ from the task's.

    Attributes:
        per_intent: Most rows of an intent in each training locale but the source's; `None`: all.
        locales: The training locales, or `None` for the task's.
        temperature: Of a mix of languages, or `None`.
        seed: Of the draws, which is that of the run.
    """

    per_intent: int | None = None
    locales: tuple[str, ...] | None = None
    temperature: float | None = None
    seed: int = 0

    @classmethod
    def of(cls, values: Mapping[str, str], seed: int) -> DataPoint:
        """What `data.KEY` values say.

        Raises:
            UsageError: A key is unknown, or a value does not fit; every mistake is told.
        """
        wrong = [
            f"data.{key}: unknown; known are " + ", ".join(f"data.{name}" for name in KEYS)
            for key in values
            if key not in KEYS
        ]
        per_intent = temperature = None
        if (text := values.get(PER_INTENT, ALL)) != ALL:
            if text.isdecimal():
                per_intent = int(text)
            else:
                wrong.append(f"data.{PER_INTENT}={text}: expected a number from 0, or {ALL}")
        if (mix := values.get(MIX)) is not None:
            try:
                temperature = float(mix)
            except ValueError:
                temperature = 0.0
            if not temperature >= 1:
                wrong.append(f"data.{MIX}={mix}: expected a temperature of 1 or more, or inf")
        if wrong:
            raise UsageError("; ".join(wrong))
        listed = values.get(LOCALES)
        locales = None if listed is None else tuple(listed.split("+"))
        return cls(per_intent, locales, temperature, seed)

    @property
    def name(self) -> str:
        """Of the store that the run trains on."""
        parts = [] if self.locales is None else ["+".join(self.locales)]
        parts += [] if self.per_intent is None else [f"k{self.per_intent}"]
        parts += [] if self.temperature is None else [f"mix{self.temperature:g}"]
        return "-".join([*parts, f"seed{self.seed}"])


def laid(task: Task, store: Store, point: DataPoint, folder: Path) -> TaskData:
    """The task on the data of a point, whose stores are made where they are not there yet.

    Args:
        task: The task.
        store: What it is selected on, scored on, and trained on where nothing is changed.
        point: What is changed of the training rows.
        folder: Where such stores are kept.

    Returns:
        The task's data; without training locales where no row is left to train on.

    Raises:
        ConfigError: The task does not fit the data.
        MassiveKitError: The rows cannot be drawn.
    """
    if point.locales is not None:
        train = task.train.model_copy(update={"locales": list(point.locales), "without": []})
        task = task.model_copy(update={"train": train})
    plain = lay_task(task, store)
    locale = plain.task.source_locale
    source = (locale,) if locale in plain.train.locales else ()
    if point.per_intent == 0:
        return replace(plain, train=plain.train.only(*source))
    transforms: list[Transform] = []
    if point.per_intent is not None:
        transforms.append(Sample(per_intent=point.per_intent, seed=point.seed, whole=source))
    if point.temperature is not None:
        transforms.append(Mix(temperature=point.temperature, seed=point.seed))
    train_store = store
    for number, transform in enumerate(transforms):
        target = folder / (point.name + "-drawn" * (number < len(transforms) - 1))
        if not (target / INDEX).is_file():
            derive(train_store, transform, target, name=target.name, locales=plain.train.locales)
        train_store = Store.open(target)
    return lay_task(task, store, train_store) if transforms else plain
