"""What is written beside results to trace them by: versions, revision, hardware, hashes."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from massive_kit.version import __version__

_PACKAGES = (
    "torch",
    "transformers",
    "datasets",
    "accelerate",
    "numpy",
    "onnxruntime",
    "pyarrow",
    "tokenizers",
)


def versions() -> dict[str, str]:
    """Versions of this package, Python and the libraries that can change a number."""
    by_name = {"massive-kit": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            by_name[name] = _version(name)
        except metadata.PackageNotFoundError:
            continue
    return by_name


@cache
def _version(package: str) -> str:
    # A package is looked for in all folders of the path. One that is not there may be installed
    # while a notebook runs, so that this is not remembered.
    return metadata.version(package)


def git_revision(folder: Path | None = None) -> str | None:
    """The commit of the tree at `folder`, with `+dirty` if changed; `None` outside of git."""
    command = ["git", "-C", str(folder or Path.cwd()), "describe", "--always", "--dirty=+dirty"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command, no shell
            command, capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def hardware() -> dict[str, Any]:
    """Processor and core count of this machine, and its accelerators where torch is in use."""
    facts: dict[str, Any] = {
        "machine": platform.machine(),
        "system": platform.system(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1,
    }
    # What does without torch must not load it here.
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        facts["accelerators"] = [
            torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())
        ]
    return facts


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
