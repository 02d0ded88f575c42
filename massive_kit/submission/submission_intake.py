"""Submissions to the board: a bundle, or predictions with a description of their system."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from massive_kit.errors import MissingDataError, SubmissionError, UsageError
from massive_kit.schema.config import merge, parse_overrides, read_yaml
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.task import Task, load_task
from massive_kit.submission.bundle import check_bundle
from massive_kit.submission.bundle_files import ARCHIVES, MANIFEST, PREDICTIONS, SUMS, opened
from massive_kit.submission.line_source import SUFFIXES
from massive_kit.submission.manifests import (
    known_of_task,
    read_manifest,
    require_task,
    required_keys,
)


@dataclass(frozen=True, slots=True)
class Submission:
    """A system's predictions, and what describes it.

    Attributes:
        files: The prediction files.
        manifest: The description of the system.
        task: The task.
        settled: Whether the description came packed with the predictions.
        origin: A sentence on where the predictions come from, where they were not handed in.
    """

    files: tuple[Path, ...]
    manifest: Manifest
    task: Task
    settled: bool = False
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """What describes a system, and the task that it is for."""

    manifest: Manifest
    task: Task


@contextmanager
def open_submission(
    path: Path,
    *,
    manifest: Path | None = None,
    overrides: Sequence[str] = (),
    task: str | None = None,
) -> Iterator[Submission]:
    """The submission at `path`, for the time of the block.

    Args:
        path: A bundle (folder or zip) of `submission pack`; a folder with `manifest.yaml` and
            prediction files; or a prediction file.
        manifest: A manifest for what has none of its own.
        overrides: `key=value` on top of it.
        task: The task, where neither manifest nor options say it.

    Raises:
        MissingDataError: There is nothing there.
        SubmissionError: The bundle is wrong; holds every mistake.
        ConfigError: The manifest is wrong.
        UsageError: Nothing describes the system.
    """
    if not path.exists():
        raise MissingDataError(f"{path}: no such file or folder")
    loose = manifest is not None or bool(overrides)
    if (path / SUMS).is_file() or (path.name.endswith(ARCHIVES) and not loose):
        with opened(path) as folder:
            submission = _of_bundle(path, folder)
            if task is not None:
                require_task(submission.manifest.task, load_task(task), str(path))
            yield submission
        return
    if not loose and not (path / MANIFEST).is_file():
        options = " ".join(f"-o {key}=..." for key in required_keys())
        raise UsageError(f"{path} has no {MANIFEST}; name one by --manifest, or say {options}")
    described = describe(path, manifest=manifest, overrides=overrides, task=task)
    yield Submission(_files(path), described.manifest, described.task)


def describe(
    path: Path,
    *,
    manifest: Path | None,
    overrides: Sequence[str],
    task: str | None,
    known: Callable[[Task], Mapping[str, Any]] | None = None,
) -> Description:
    """The description of the system at `path`.

    Args:
        path: Predictions, or a folder that may hold a manifest.
        manifest: A manifest that is kept elsewhere.
        overrides: `key=value` on top of it.
        task: The task, where neither manifest nor options say it.
        known: What gives the keys of a manifest that are known anyway.

    Raises:
        ConfigError: The manifest is wrong.
        UsageError: The task is missing, or is not the manifest's.
    """
    file = manifest
    if file is None and (path / MANIFEST).is_file():
        file = path / MANIFEST
    loaded = load_task(task or _task_of(file, overrides, path))
    facts = known_of_task(loaded) | dict(known(loaded) if known else {})
    values = read_manifest(file, overrides, facts)
    require_task(values.task, loaded, str(file or "the manifest"))
    return Description(values, loaded)


def _of_bundle(path: Path, folder: Path) -> Submission:
    report = check_bundle(folder, predictions=False)
    if not report.valid:
        problems = [problem for problem in report.problems if problem.severity == "error"]
        raise SubmissionError(f"{path} is not a valid bundle", problems, report.errors)
    manifest = read_manifest(folder / MANIFEST)
    return Submission((folder / PREDICTIONS,), manifest, load_task(manifest.task), settled=True)


def _task_of(manifest: Path | None, overrides: Sequence[str], path: Path) -> str:
    values = merge(read_yaml(manifest) if manifest else {}, parse_overrides(overrides))
    task = values.get("task")
    if not isinstance(task, str):
        raise UsageError(f"say which task {path} is for, by --task")
    return task


def _files(path: Path) -> tuple[Path, ...]:
    if path.is_file():
        return (path,)
    # What `eval --out` writes beside a manifest is not predictions.
    files = [
        file
        for file in sorted(path.glob("*"))
        if file.is_file() and file.name.endswith(SUFFIXES) and file.name != "scores.json"
    ]
    if not files:
        raise UsageError(f"{path} has no prediction file")
    return tuple(files)
