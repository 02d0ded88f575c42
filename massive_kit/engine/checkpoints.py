"""Which checkpoints are whole, which stay, and with what batches they were made."""

from __future__ import annotations

import shutil
from pathlib import Path

from massive_kit.files import jsonio
from massive_kit.schema.training import Training

# Written last into a checkpoint; one without it was torn and is ignored.
_WHOLE = "complete"
# What `shrink_on_oom` changes; steps are counted in it.
_SIZES = ("batch_tokens", "batch_rows", "accumulate")


def finish_checkpoint(folder: Path, training: Training) -> None:
    """Marks a checkpoint as whole."""
    jsonio.write_json(folder / _WHOLE, {name: getattr(training, name) for name in _SIZES})


def drop_checkpoints(folder: Path, *kept: int | None) -> None:
    """Removes the checkpoints of all other steps."""
    names = {f"checkpoint-{step}" for step in kept}
    for path in folder.glob("checkpoint-*"):
        if path.name not in names:
            shutil.rmtree(path)


def latest_checkpoint(folder: Path) -> Path | None:
    """The newest whole checkpoint; torn ones are removed."""
    whole = []
    for path in folder.glob("checkpoint-*"):
        if (path / _WHOLE).exists():
            whole.append(path)
        else:
            shutil.rmtree(path)
    return max(whole, key=step_of, default=None)


def step_of(checkpoint: Path | None) -> int:
    """The optimiser step at which a checkpoint was made; 0 for none."""
    return int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0


def as_checkpointed(training: Training, checkpoint: Path | None) -> Training:
    """The course as it was at a checkpoint, where memory may have made its batches smaller."""
    if checkpoint is None:
        return training
    try:
        sizes = jsonio.read_json(checkpoint / _WHOLE)
    except ValueError:
        # An earlier version left the file empty.
        return training
    return training.model_copy(update={name: sizes[name] for name in _SIZES if name in sizes})
