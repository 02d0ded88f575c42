"""Sends the log to TensorBoard, W&B, MLflow and others, as far as they are installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from transformers import Trainer

from massive_kit.errors import ConfigError, Problem

TENSORBOARD = "tensorboard"
# What `transformers` knows: the module that has to be there, and the package that brings it. The
# first of several is the one to advise.
_PACKAGES: dict[str, tuple[tuple[str, str], ...]] = {
    "azure_ml": (("azureml", "azureml-sdk"),),
    "clearml": (("clearml", "clearml"),),
    "codecarbon": (("codecarbon", "codecarbon"),),
    "comet_ml": (("comet_ml", "comet-ml"),),
    "dagshub": (("dagshub", "dagshub"),),
    "dvclive": (("dvclive", "dvclive"),),
    "flyte": (("flytekit", "flytekit"),),
    "mlflow": (("mlflow", "mlflow"),),
    "neptune": (("neptune", "neptune"),),
    "swanlab": (("swanlab", "swanlab"),),
    TENSORBOARD: ((TENSORBOARD, TENSORBOARD), ("tensorboardX", "tensorboardX")),
    "trackio": (("trackio", "trackio"),),
    "wandb": (("wandb", "wandb"),),
}


def check_reporters(names: Sequence[str]) -> None:
    """Finds out whether a run can report where its recipe says.

    Raises:
        ConfigError: With a problem for every unknown name and every package that is missing.
    """
    problems = []
    for name in names:
        if name not in _PACKAGES:
            known = ", ".join(sorted(_PACKAGES))
            problems.append(Problem("recipe", f"training.report_to: unknown {name!r}", known))
        elif not any(find_spec(module) for module, _ in _PACKAGES[name]):
            problems.append(
                Problem(
                    "recipe",
                    f"training.report_to: {name} is not installed",
                    todo=f"pip install {_PACKAGES[name][0][1]}",
                )
            )
    if problems:
        raise ConfigError("the run cannot report where it should", problems)


@contextmanager
def to_tensorboard(trainer: Trainer, folder: Path, done: int, *, wanted: bool) -> Iterator[None]:
    """Within the block the trainer's log goes into event files, where that is wanted.

    Args:
        trainer: Whose log.
        folder: Made if it is not there.
        done: Steps before this call. What a stopped run wrote after them is not shown; a run that
            begins anew removes what is there.
        wanted: Whether the recipe asks for it.
    """
    if not wanted or not trainer.is_world_process_zero():
        yield
        return
    from transformers.integrations import TensorBoardCallback

    if not done:
        shutil.rmtree(folder, ignore_errors=True)
    events = TensorBoardCallback()
    writer = events._SummaryWriter(  # noqa: SLF001 - of the two packages, the one it found
        log_dir=str(folder),
        purge_step=done + 1 if done else None,
        # Files are named by the second, and a new one must not replace the one before.
        filename_suffix=f".{done}",
    )
    events.tb_writer = writer
    trainer.add_callback(events)
    try:
        yield
    finally:
        # The callback closes it only where a run comes to its end.
        writer.close()
