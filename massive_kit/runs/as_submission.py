"""A run handed to the board: what it knows of its system, and the predictions that `eval` left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from massive_kit.errors import UsageError
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.in_context import known_of_asking
from massive_kit.runs.kept_predictions import day_of
from massive_kit.runs.lineage import (
    check_run_against,
    learnt_languages,
    resources_beside_labels,
)
from massive_kit.runs.text_software import training_software
from massive_kit.schema.task import Task
from massive_kit.submission.measured_cost import with_cost
from massive_kit.submission.submission_intake import Submission, describe, open_submission
from massive_kit.systems.kind import kinds
from massive_kit.systems.recipes import seed_of


@contextmanager
def open_run_or_submission(
    path: Path,
    *,
    manifest: Path | None = None,
    overrides: Sequence[str] = (),
    task: str | None = None,
    cost: Path | None = None,
) -> Iterator[Submission]:
    """As `open_submission`, which see; `path` may also be a run that `eval` has predicted with.

    Args:
        path: The run, the bundle or the predictions.
        manifest: As for `open_submission`.
        overrides: As for `open_submission`.
        task: As for `open_submission`.
        cost: A `cost.json` of `measure` that knows what the system needs.

    Raises:
        UsageError: The run has no predictions for the task, or several; or a bundle, whose
            manifest is settled, is to be given a cost.
        ConfigError: The run used more than the task allows.
    """
    if not RunFolder.is_run(path):
        with open_submission(path, manifest=manifest, overrides=overrides, task=task) as submission:
            yield submission if cost is None else _with_cost(submission, path, cost)
        return
    run = RunFolder(path)
    described = describe(
        path,
        manifest=manifest,
        overrides=overrides,
        task=task,
        known=lambda loaded: known_of_run(run, loaded.name),
    )
    check_run_against(run, described.task)
    file = _predictions(run, described.task, task or described.task.name)
    manifest_of_run = described.manifest
    if cost is not None:
        manifest_of_run = with_cost(manifest_of_run, cost, run.path.resolve().name)
    day = day_of(file)
    origin = (
        f"takes what {run.path} predicted{f' on {day}' if day else ''} ({file});"
        f" massive-kit eval {run.path} --task {task or described.task.name} --again predicts anew"
    )
    yield Submission((file,), manifest_of_run, described.task, origin=origin)


def _with_cost(submission: Submission, path: Path, cost: Path) -> Submission:
    if submission.settled:
        raise UsageError(
            f"{path} is a bundle, whose manifest is settled; name the cost when it is packed:"
            " massive-kit submission pack --cost"
        )
    described = with_cost(submission.manifest, cost, path.name, path.stem)
    return replace(submission, manifest=described)


def known_of_run(run: RunFolder, task: str = "") -> dict[str, Any]:
    """What a run knows of its system, which is not who trained it.

    Args:
        run: The run.
        task: The task that it predicted, for what its language model took to answer.

    Returns:
        Keys of a manifest.

    Raises:
        MassiveKitError: `run.json` is damaged.
    """
    facts = run.facts(needs_model=False)
    recipe, data = facts["recipe"], facts["data"]
    known: dict[str, Any] = {
        "system": run.path.resolve().name.lower(),
        "version": "1",
        "title": facts["title"],
    }
    # A kind that is not installed here does not say its architecture, which is then asked for.
    if kind := kinds().get(facts["kind"]):
        known["architecture"] = kind.architecture
    if parameters := _known_parameters(facts):
        known["parameters"] = parameters
    if isinstance(facts.get("ended"), str):
        # The time of day is left out; the manifest's schema refuses a date that cannot be read.
        known["date"] = facts["ended"].partition("T")[0]
    model, seed = recipe.get("model") or {}, seed_of(recipe)
    if model.get("base"):
        known["pretrained_model"] = model["base"]
    # The mean of several runs has the seed of each.
    if seeds := facts.get("seeds") or ([] if seed is None else [seed]):
        known["seeds"] = seeds
    known |= _known_use(run)
    if isinstance(data.get("shots"), int) and data["shots"] > 0:
        known["shots"] = data["shots"]
    if asked := known_of_asking(facts, task):
        known["in_context"] = asked
    if data.get("name"):
        through = (
            f", text through {', '.join(software)}"
            if (software := training_software(facts))
            else ""
        )
        known["training_data"] = [{"name": f"{data['name']}, training partition{through}"}]
    return known


def _known_use(run: RunFolder) -> dict[str, list[str]]:
    known = {}
    if resources := resources_beside_labels(run):
        known["resources"] = resources
    if (learnt := learnt_languages(run)) is not None:
        known["label_languages"] = learnt
    return known


def _known_parameters(facts: Mapping[str, Any]) -> dict[str, int]:
    counts = {
        "total": facts.get("parameters"),
        "without_embeddings": facts.get("parameters_without_embeddings"),
    }
    return {key: count for key, count in counts.items() if isinstance(count, int) and count > 0}


def _predictions(run: RunFolder, task: Task, task_argument: str) -> Path:
    paths = run.predictions_at_hand(task)
    if not paths:
        raise UsageError(
            f"{run.path} has no predictions for {task.name};"
            f" `massive-kit eval {run.path} --task {task_argument}` makes them"
        )
    if len(paths) > 1:
        names = ", ".join(path.name for path in paths)
        raise UsageError(
            f"{paths[0].parent} has predictions on several data sets ({names}); name one file"
        )
    return paths[0]
