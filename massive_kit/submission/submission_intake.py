"""What is handed to the board: a bundle, a run, or predictions and options."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from massive_kit import content
from massive_kit.errors import MissingDataError, SubmissionError, UsageError
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.task import Task, load_task
from massive_kit.submission import bundle
from massive_kit.submission.line_source import SUFFIXES
from massive_kit.submission.manifests import (
    known_of_run,
    known_of_task,
    read_manifest,
    require_task,
    required_keys,
)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A system's predictions and what is said of it.

    Attributes:
        files: The prediction files.
        manifest: What is said of the system.
        task: The task.
    """

    files: tuple[Path, ...]
    manifest: Manifest
    task: Task


@contextmanager
def handed_in(
    path: Path,
    *,
    manifest: Path | None = None,
    overrides: Sequence[str] = (),
    task: str | None = None,
) -> Iterator[HandedIn]:
    """What stands at `path`, for the time of the block.

    Args:
        path: A bundle (folder or zip) of `submission pack`; a run directory with predictions; a
            folder with `manifest.yaml` and prediction files; or a prediction file.
        manifest: A manifest for what has none of its own.
        overrides: `key=value` on top of it.
        task: The task, where neither manifest nor options say it.

    Raises:
        MissingDataError: There is nothing there.
        SubmissionError: The bundle is wrong; every mistake is told.
        ConfigError: The manifest is wrong.
        UsageError: It is not said what the system is.
    """
    if not path.exists():
        raise MissingDataError(f"{path}: no such file or folder")
    loose = manifest is not None or bool(overrides)
    if (path / bundle.SUMS).is_file() or (path.is_file() and not loose):
        with bundle.opened(path) as folder:
            bundled = _of_bundle(path, folder)
            if task is not None:
                require_task(bundled.manifest.task, load_task(task), str(path))
            yield bundled
        return
    run = (path / "run.json").is_file()
    own = path / bundle.MANIFEST
    if manifest is None and own.is_file():
        manifest = own
    if manifest is None and not overrides and not run:
        options = " ".join(f"-o {key}=..." for key in required_keys())
        raise UsageError(
            f"{path} has no {bundle.MANIFEST}; name one by --manifest, or say {options}"
        )
    known = known_of_run(path)
    chosen = task or _task_of(manifest=manifest, overrides=overrides, path=path)
    loaded = load_task(chosen)
    known = {**known_of_task(loaded), **known}
    said = read_manifest(manifest, overrides, known)
    require_task(said.task, loaded, str(manifest or "the manifest"))
    yield HandedIn(_files(path, loaded, run=run), said, loaded)


def _of_bundle(path: Path, folder: Path) -> HandedIn:
    report = bundle.check_bundle(folder, predictions=False)
    if not report.valid:
        wrong = [problem for problem in report.problems if problem.severity == "error"]
        raise SubmissionError(f"{path} is no valid bundle", wrong, report.errors)
    manifest = read_manifest(folder / bundle.MANIFEST)
    return HandedIn((folder / bundle.PREDICTIONS,), manifest, load_task(manifest.task))


def _task_of(*, manifest: Path | None, overrides: Sequence[str], path: Path) -> str:
    from massive_kit.schema.config import merge, parse_overrides, read_yaml

    values = read_yaml(manifest) if manifest else {}
    said = merge(values, parse_overrides(overrides)).get("task")
    if not isinstance(said, str):
        raise UsageError(f"say which task {path} is of, by --task")
    return said


def _files(path: Path, task: Task, *, run: bool) -> tuple[Path, ...]:
    if path.is_file():
        return (path,)
    folder = path / "predictions" if run else path
    found = [p for p in sorted(folder.glob("*")) if p.is_file() and p.name.endswith(SUFFIXES)]
    if run:
        # `massive-zeroshot-strict-...` starts with the name of another task, too.
        tasks = sorted({task.name, *content.names("tasks")}, key=len, reverse=True)
        owner = {p: next((n for n in tasks if p.name.startswith(f"{n}-")), None) for p in found}
        found = [p for p in found if owner[p] == task.name]
    found = [p for p in found if p.name not in {"scores.json", "run.json"}]
    if not found:
        hint = f"; `massive-kit eval {path} --task {task.name}` makes them" if run else ""
        raise UsageError(f"{folder} holds no prediction file{hint}")
    if run and len(found) > 1:
        names = ", ".join(p.name for p in found)
        raise UsageError(f"{folder} holds predictions on several data ({names}); name one file")
    return tuple(found)
