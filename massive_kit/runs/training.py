"""A training run, from a recipe and a task to a run directory."""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from massive_kit import provenance
from massive_kit.data.annotated import check_selecting
from massive_kit.data.lineage import UsedResource
from massive_kit.data.parallel_text import check_overlap, parallel_text, without_pairs
from massive_kit.data.resources import check_resources, used_resources
from massive_kit.data.split import DataSplit
from massive_kit.data.task_data import TaskData, check_shots
from massive_kit.data.unlabelled_text import as_text, text_split, text_used
from massive_kit.errors import MissingDataError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import (
    labelling_facts,
    parent_facts,
    recipe_resources,
    with_parent_models,
)
from massive_kit.runs.model_card import write_card
from massive_kit.runs.resuming import RunPlan, nothing_left_to_do
from massive_kit.runs.run_lock import locked
from massive_kit.runs.seen_rows import store_origins
from massive_kit.runs.teaching import check_teacher, with_teacher
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.kind import Facts, kind_of
from massive_kit.systems.trained_recipe import TrainedRecipe

if TYPE_CHECKING:
    from massive_kit.engine.observer import TrainingObserver


def train_run(
    recipe: Recipe,
    task_data: TaskData,
    out: Path,
    resume: bool = False,
    observer: TrainingObserver | None = None,
) -> RunFolder:
    """Trains a system; on return the run directory holds its best model.

    Args:
        recipe: What to train and how.
        task_data: On which data.
        out: The run directory.
        resume: Go on where an earlier call with the same recipe, task and data stopped.
        observer: Whom to tell.

    Raises:
        MassiveKitError: The directory is taken, data or a base model are not found, or training
            cannot go on.
    """
    # Of several processes the first one looks after the directory.
    first = os.environ.get("RANK", "0") == "0"
    with locked(out) if first else nullcontext():
        return _train_run(recipe, task_data, RunFolder(out), resume, observer, first=first)


def _train_run(
    recipe: Recipe,
    task_data: TaskData,
    folder: RunFolder,
    resume: bool,
    observer: TrainingObserver | None,
    *,
    first: bool,
) -> RunFolder:
    task_data = training_data(recipe, task_data)
    inherited = check_training(recipe, task_data)
    data = data_facts(task_data, recipe)
    plan = RunPlan(folder, recipe, task_data.task, data)
    if nothing_left_to_do(plan, resume=resume) if first else resume and folder.finished:
        return folder
    start = time.monotonic()
    with plan.kept() if first else nullcontext():
        trained = _train(recipe, task_data, folder, resume, observer)
    if trained is not None:
        facts = {
            "format": 1,
            "kind": recipe.kind,
            "title": recipe.title,
            "recipe": recipe.model_dump(mode="json"),
            "task": task_data.task.name,
            "setting": task_data.task.setting,
            "data": data,
            "parents": [*parent_facts(recipe), *labelling_facts(task_data)],
            "resources": [used.to_json() for used in (*used_resources(task_data), *inherited)],
            "versions": provenance.versions(),
            "revision": provenance.git_revision(),
            "hardware": provenance.hardware(),
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - start, 1),
            **trained,
        }
        write_card(folder.model, facts)
        folder.write_facts(facts)
    return folder


def training_data(recipe: Recipe, task_data: TaskData) -> TaskData:
    """A task's data as a recipe reads them.

    Without the training locales whose labels it does not use, and without the labels of ids that
    it reads in pairs; or as text, where it uses none.

    Raises:
        ConfigError: The data lack a locale whose text it names.
        MissingDataError: There is no dev text.
    """
    text, pairs = recipe.text_locales(), recipe.parallel_text()
    if pairs is not None and recipe.reads_pairs() and task_data.parallel is None:
        task_data = replace(task_data, parallel=parallel_text(task_data, pairs))
    if not recipe.uses_labels:
        data = as_text(task_data, "task" if text is None else text)
        parallel = task_data.parallel
        return data if parallel is None else replace(data, train=parallel.split)
    locales = recipe.labelled_locales(task_data.task, task_data.train.locales)
    task_data = replace(task_data, train=task_data.train.only(*locales))
    return task_data if pairs is None else without_pairs(task_data, pairs)


def check_training(recipe: Recipe, task_data: TaskData) -> tuple[UsedResource, ...]:
    """Finds out whether a recipe may be trained on a task's data.

    Returns:
        What the recipe uses, and what the runs used that it starts from.

    Raises:
        MissingDataError: Training or dev rows are not there.
        ConfigError: The task allows less than was used, ids in pairs lend their labels, too, or
            labels that would select checkpoints were made.
    """
    for split, name in ((task_data.train, "training"), (task_data.dev, "dev")):
        if not split.locales:
            raise MissingDataError(
                f"the data set {split.store.name} has no {name} partition for {task_data.task.name}"
            )
    if recipe.uses_labels:
        check_selecting(task_data.dev)
    check_shots(task_data)
    check_teacher(recipe, task_data)
    inherited = (*_text_resources(recipe, task_data), *recipe_resources(recipe))
    check_resources(task_data, inherited)
    check_overlap((*used_resources(task_data), *inherited), task_data.train)
    return inherited


def _text_resources(recipe: Recipe, task_data: TaskData) -> tuple[UsedResource, ...]:
    """What a recipe uses by reading text without labels."""
    # Text that is read in pairs alone is no resource of its own.
    paired = () if task_data.parallel is None else (task_data.parallel.used(),)
    if not recipe.uses_labels:
        return paired or tuple(text_used(task_data.train))
    split = _text_beside(recipe, task_data)
    beside = () if split is None else tuple(text_used(split, task_data.train.label_locales))
    return (*beside, *paired)


def _text_beside(recipe: Recipe, task_data: TaskData) -> DataSplit | None:
    """The text that a recipe reads beside labelled rows."""
    text = recipe.text_locales()
    return None if text is None or not recipe.uses_labels else text_split(task_data, text)


def data_facts(task_data: TaskData, recipe: Recipe) -> dict[str, Any]:
    """Name, version, labels, rows and content hash of what a run trains and selects on."""
    store, train_store = task_data.store, task_data.train.store
    facts: dict[str, Any] = {
        "name": store.name,
        "version": store.version,
        "shots": train_store.shots,
        "inventory": store.inventory.hash,
        # By whatever name they are scored, rows that were seen are known again.
        "origins": {
            "train": store_origins(train_store),
            "dev": store_origins(task_data.dev.store),
        },
    }
    splits = {"train": task_data.train, "dev": task_data.dev}
    if (text := _text_beside(recipe, task_data)) is not None:
        splits["text"] = text
    if task_data.parallel is not None:
        splits["pairs"] = task_data.parallel.split
    for name, split in splits.items():
        facts[name] = {
            "partition": split.partition,
            "locales": list(split.locales),
            "rows": split.rows,
            "hash": split.hash,
        } | ({"text_only": True} if split.text_only else {})
    if train_store.path != store.path:
        facts["train"]["store"] = train_store.name
    lineage = train_store.lineage
    if lineage is not None and (software := [*dict.fromkeys(lineage.all_software())]):
        facts["train"]["software"] = software
    return facts


def _train(
    recipe: Recipe,
    task_data: TaskData,
    folder: RunFolder,
    resume: bool,
    observer: TrainingObserver | None,
) -> Facts | None:
    """Prepares, fits and saves; `None` on ranks that write nothing."""
    task_data = with_teacher(recipe, task_data, observer)
    kind, recipe = kind_of(recipe), with_parent_models(recipe)
    session = None
    if isinstance(recipe, TrainedRecipe):
        from massive_kit.engine.session import open_session

        session = open_session(recipe.training, recipe.optimiser, folder.workspace, observer)
    preparation = kind.prepare(recipe, task_data, session)
    if session is None or preparation.fit_inputs is None:
        return preparation.save(None, folder.model)
    from massive_kit.engine.fitting import fit
    from massive_kit.engine.memory import peak_memory, release_memory

    fitted = fit(session, preparation.fit_inputs, resume=resume, observer=observer)
    if fitted is None:
        return None
    # What training held is let go before saving needs memory: for a whole vocabulary, for one.
    release_memory()
    saved = preparation.save(fitted.model, folder.model)
    return {**fitted.facts, "peak_memory_mib": peak_memory(), **saved}
