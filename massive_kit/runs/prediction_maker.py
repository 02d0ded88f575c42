"""What decides a run's predictions, so that those of another maker are not taken for its own."""

from __future__ import annotations

import hashlib
import os
import platform
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from massive_kit import provenance
from massive_kit.runs.folder import RunFolder

if TYPE_CHECKING:
    from massive_kit.data.task_data import TaskData

# The packages that a prediction goes through, and what of their files decides it.
_PACKAGES = ("data", "engine", "files", "languages", "runs", "schema", "systems")
_SUFFIXES = (".csv", ".json", ".py")
# Moves the computation elsewhere.
_DEVICES = "CUDA_VISIBLE_DEVICES"


def prediction_maker(run: Path, task_data: TaskData, *, processes: int = 1) -> dict[str, object]:
    """All that decides what a run predicts for a task's test rows, as hashes and versions.

    It is all where the recipe says `answers_alone`, and one process predicts. Several may run on
    several machines, of which only what they share is known.
    """
    shared: dict[str, object] = {"model": _model_hash(RunFolder(run)), "data": task_data.test.hash}
    if processes > 1:
        return shared
    return shared | {
        "code": _code_hash(),
        "versions": provenance.versions(),
        "machine": _machine(),
    }


def _model_hash(run: RunFolder) -> str:
    """Of the recipe, which has the settings of inference, and of all files of the model."""
    digest = hashlib.sha256()
    model_files = sorted(path for path in run.model.rglob("*") if path.is_file())
    for path in (run.recipe_file, *model_files):
        if path.is_file():
            where = path.relative_to(run.path).as_posix()
            digest.update(f"{where} {provenance.file_sha256(path)}\n".encode())
    return digest.hexdigest()


@cache
def _code_hash() -> str:
    """Of the code that predicts: while it is worked on, its version stays."""
    digest = hashlib.sha256()
    root = Path(provenance.__file__).parent
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.*")):
            if path.suffix in _SUFFIXES:
                where = path.relative_to(root).as_posix()
                digest.update(f"{where} {provenance.file_sha256(path)}\n".encode())
    return digest.hexdigest()


def _machine() -> str:
    """Of this machine: another may compute in another number format."""
    facts = (platform.node(), platform.machine(), os.environ.get(_DEVICES))
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
