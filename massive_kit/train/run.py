"""A training run, from a recipe and a task to a run directory."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from massive_kit import provenance
from massive_kit.data.splits import ResolvedTask
from massive_kit.errors import ConfigError, MassiveKitError, MissingDataError, Problem
from massive_kit.models.run_folder import RunFolder
from massive_kit.schema.recipe import (
    EncoderRecipe,
    MajorityRecipe,
    Recipe,
)
from massive_kit.train.card import write_card
from massive_kit.train.trainer import Progress, Silence


def train_run(
    recipe: Recipe,
    resolved: ResolvedTask,
    out: Path,
    resume: bool = False,
    progress: Progress | None = None,
) -> RunFolder:
    """Trains a system; on return the run directory holds its best model.

    Args:
        recipe: What to train and how.
        resolved: On which data.
        out: The run directory.
        resume: Go on where an earlier call with the same recipe stopped.
        progress: Whom to tell.

    Raises:
        MassiveKitError: The directory is taken, data or a base model are missing, or training
            cannot go on.
    """
    folder = RunFolder(out)
    # Of several processes the first one looks after the directory.
    first = os.environ.get("RANK", "0") == "0"
    if _is_taken(folder, recipe, resume) if first else resume and folder.finished:
        return folder
    for split, name in ((resolved.train, "training"), (resolved.dev, "dev")):
        if not split.locales:
            raise MissingDataError(
                f"the data {resolved.store.name} have no {name} partition for {resolved.task.name}"
            )
    if first:
        out.mkdir(parents=True, exist_ok=True)
        folder.write_recipe(recipe)
        folder.write_task(resolved.task.model_dump(mode="json"))
    start = time.monotonic()
    trained = _train(recipe, resolved, folder, resume, progress or Silence())
    if trained is not None:
        facts = {
            "format": 1,
            "kind": recipe.kind,
            "title": recipe.title,
            "recipe": recipe.model_dump(mode="json"),
            "task": resolved.task.name,
            "setting": resolved.task.setting,
            "data": data_facts(resolved),
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


def data_facts(resolved: ResolvedTask) -> dict[str, Any]:
    """Name, version, rows and content hash of what a task trains and selects on."""
    store = resolved.store
    found: dict[str, Any] = {"name": store.name, "version": store.version}
    for name, split in (("train", resolved.train), ("dev", resolved.dev)):
        found[name] = {
            "partition": split.partition,
            "locales": list(split.locales),
            "rows": store.rows(split.partition, split.locales),
            "hash": store.content_hash(split.partition, split.locales),
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
    """The recipe with another seed."""
    if isinstance(recipe, MajorityRecipe):
        return recipe
    return recipe.model_copy(update={"training": recipe.training.model_copy(update={"seed": seed})})


def _is_taken(folder: RunFolder, recipe: Recipe, resume: bool) -> bool:
    """Whether there is nothing left to do; an error where the directory holds something else."""
    if not (folder.path / "recipe.yaml").is_file():
        if folder.path.is_dir() and any(folder.path.iterdir()) and not _is_ours(folder.path):
            raise MassiveKitError(f"{folder.path} holds other files; choose another --out")
        return False
    # A run that failed before its first step, for want of a base model say, holds nothing yet.
    if not resume and not folder.finished and not folder.log.exists():
        return False
    if not resume:
        state = "a finished run" if folder.finished else "a run that has not ended"
        raise MassiveKitError(
            f"{folder.path} holds {state}; add --resume to go on with it, or choose another --out"
        )
    before = folder.recipe()
    if before != recipe:
        raise ConfigError(
            "a run is resumed with the recipe it began with", list(_differences(before, recipe))
        )
    return folder.finished


def _is_ours(folder: Path) -> bool:
    return {path.name for path in folder.iterdir()} <= {"log.jsonl", "checkpoints"}


def _differences(before: Recipe, now: Recipe) -> Sequence[Problem]:
    old, new = _flat(before.model_dump(mode="json")), _flat(now.model_dump(mode="json"))
    return [
        Problem("recipe", f"{key} is {new.get(key)!r}", f"{old.get(key)!r} as before")
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = value
    return found


def _train(
    recipe: Recipe, resolved: ResolvedTask, folder: RunFolder, resume: bool, progress: Progress
) -> dict[str, Any] | None:
    """Trains by the recipe's kind; `None` on ranks that write nothing."""
    if isinstance(recipe, MajorityRecipe):
        from massive_kit.train.majority import train_majority

        return train_majority(resolved, folder)
    if isinstance(recipe, EncoderRecipe):
        from massive_kit.train.encoder import train_encoder

        return train_encoder(recipe, resolved, folder, resume=resume, progress=progress)
    from massive_kit.train.seq2seq import train_seq2seq

    return train_seq2seq(recipe, resolved, folder, resume=resume, progress=progress)
