"""A training run, from a recipe and a task to a run directory."""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from massive_kit import provenance
from massive_kit.data.resources import check_resources
from massive_kit.data.task_data import TaskData, check_shots
from massive_kit.engine.trainer import Progress, Silence
from massive_kit.errors import MissingDataError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.model_card import write_card
from massive_kit.runs.resuming import Beginning, is_done
from massive_kit.schema.config import merge
from massive_kit.schema.recipe import (
    EncoderRecipe,
    MajorityRecipe,
    Recipe,
    parse_recipe,
)


def train_run(
    recipe: Recipe,
    task_data: TaskData,
    out: Path,
    resume: bool = False,
    progress: Progress | None = None,
) -> RunFolder:
    """Trains a system; on return the run directory holds its best model.

    Args:
        recipe: What to train and how.
        task_data: On which data.
        out: The run directory.
        resume: Go on where an earlier call with the same recipe, task and data stopped.
        progress: Whom to tell.

    Raises:
        MassiveKitError: The directory is taken, data or a base model are missing, or training
            cannot go on.
    """
    folder = RunFolder(out)
    # Of several processes the first one looks after the directory.
    first = os.environ.get("RANK", "0") == "0"
    for split, name in ((task_data.train, "training"), (task_data.dev, "dev")):
        if not split.locales:
            raise MissingDataError(
                f"the data set {split.store.name} has no {name} partition for {task_data.task.name}"
            )
    check_shots(task_data)
    check_resources(task_data)
    data = data_facts(task_data)
    beginning = Beginning(folder, recipe, task_data.task, data)
    if is_done(beginning, resume=resume) if first else resume and folder.finished:
        return folder
    start = time.monotonic()
    with beginning.kept() if first else nullcontext():
        trained = _train(recipe, task_data, folder, resume, progress or Silence())
    if trained is not None:
        facts = {
            "format": 1,
            "kind": recipe.kind,
            "title": recipe.title,
            "recipe": recipe.model_dump(mode="json"),
            "task": task_data.task.name,
            "setting": task_data.task.setting,
            "data": data,
            "versions": provenance.versions(),
            "revision": provenance.git_revision(),
            "hardware": hardware(),
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - start, 1),
            **trained,
        }
        write_card(folder.model, facts)
        folder.write_facts(facts)
    return folder


def data_facts(task_data: TaskData) -> dict[str, Any]:
    """Name, version, rows and content hash of what a task trains and selects on."""
    store = task_data.store
    found: dict[str, Any] = {"name": store.name, "version": store.version, "shots": store.shots}
    for name, split in (("train", task_data.train), ("dev", task_data.dev)):
        found[name] = {
            "partition": split.partition,
            "locales": list(split.locales),
            "rows": split.rows,
            "hash": split.hash,
        }
    return found


def hardware() -> dict[str, Any]:
    """The machine, and its accelerators if torch sees some."""
    found: dict[str, Any] = dict(provenance.hardware())
    try:
        import torch
    except ImportError:
        return found
    if torch.cuda.is_available():
        found["accelerators"] = [
            torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())
        ]
    return found


def with_seed(recipe: Recipe, seed: int) -> Recipe:
    """The recipe with another seed.

    Raises:
        ConfigError: The seed is negative or beyond 2**32 - 1.
    """
    if isinstance(recipe, MajorityRecipe):
        return recipe
    values = merge(recipe.model_dump(mode="json"), {"training": {"seed": seed}})
    return parse_recipe(values, f"the recipe with seed {seed}")


def _train(
    recipe: Recipe, task_data: TaskData, folder: RunFolder, resume: bool, progress: Progress
) -> dict[str, Any] | None:
    """Trains by the recipe's kind; `None` on ranks that write nothing."""
    if isinstance(recipe, MajorityRecipe):
        from massive_kit.systems.majority.training import train_majority

        return train_majority(task_data, folder)
    if isinstance(recipe, EncoderRecipe):
        from massive_kit.systems.encoder.training import train_encoder

        return train_encoder(recipe, task_data, folder, resume=resume, progress=progress)
    from massive_kit.systems.seq2seq.training import train_seq2seq

    return train_seq2seq(recipe, task_data, folder, resume=resume, progress=progress)
