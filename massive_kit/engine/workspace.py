"""Where a training run keeps what it needs to go on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workspace:
    """Places that the engine writes to while it fits a model.

    Attributes:
        checkpoints: The folder of checkpoints.
        log: The file of losses and dev scores, one JSON object per line.
        tensorboard: The folder of event files, where a recipe reports to TensorBoard.
    """

    checkpoints: Path
    log: Path
    tensorboard: Path
