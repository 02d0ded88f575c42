"""The run directory: what a training run leaves behind and what predicting starts from.

RUN/run.json      recipe, versions, data hash, revision, hardware, times, best score
RUN/recipe.yaml   the effective recipe
RUN/task.yaml     the task as it was
RUN/data.json     the data it began with: locales, rows and content hashes of train and dev
RUN/model/        the best model: safetensors, configuration, tokenizer, inventory.json
RUN/checkpoints/  for --resume
RUN/log.jsonl     losses and dev scores
RUN/tensorboard/  the same as event files, where the recipe reports to TensorBoard
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from massive_kit.errors import MassiveKitError, MissingDataError
from massive_kit.files import jsonio
from massive_kit.files.atomic import atomic_file
from massive_kit.schema.config import read_yaml
from massive_kit.schema.recipe import Recipe, parse_recipe

# What `run.json` says of every run, whatever its kind.
_PROMISED = ("kind", "title", "recipe", "task", "data", "versions", "seconds")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths and small files of a run."""

    path: Path

    @property
    def model(self) -> Path:
        """The folder of the best model."""
        return self.path / "model"

    @property
    def checkpoints(self) -> Path:
        """The folder of checkpoints."""
        return self.path / "checkpoints"

    @property
    def log(self) -> Path:
        """Losses and dev scores, a JSON object a line."""
        return self.path / "log.jsonl"

    @property
    def tensorboard(self) -> Path:
        """The folder of TensorBoard's event files."""
        return self.path / "tensorboard"

    @property
    def finished(self) -> bool:
        """Whether the run has ended and left its model."""
        return (self.path / "run.json").is_file() and self.model.is_dir()

    def write_recipe(self, recipe: Recipe) -> None:
        """Writes the effective recipe."""
        values = recipe.model_dump(mode="json")
        with atomic_file(self.path / "recipe.yaml") as stream:
            stream.write(yaml.safe_dump(values, sort_keys=False, allow_unicode=True).encode())

    def recipe(self) -> Recipe:
        """The effective recipe.

        Raises:
            MissingDataError: This is no run directory.
        """
        path = self.path / "recipe.yaml"
        if not path.is_file():
            raise MissingDataError(
                f"{self.path} holds no run; "
                "`massive-kit train RECIPE --task TASK --out RUN` makes one"
            )
        return parse_recipe(read_yaml(path), str(path))

    def write_task(self, values: dict[str, Any]) -> None:
        """Writes the task."""
        with atomic_file(self.path / "task.yaml") as stream:
            stream.write(yaml.safe_dump(values, sort_keys=False, allow_unicode=True).encode())

    def task(self) -> dict[str, Any]:
        """The task as it was when the run began; empty where that was not kept."""
        path = self.path / "task.yaml"
        return read_yaml(path) if path.is_file() else {}

    def write_data(self, values: dict[str, Any]) -> None:
        """Writes what the run trains and selects on."""
        jsonio.write_json(self.path / "data.json", values)

    def data(self) -> dict[str, Any]:
        """What the run trains and selects on; empty where that was not kept.

        Raises:
            MassiveKitError: `data.json` is damaged.
        """
        path = self.path / "data.json"
        if not path.is_file():
            # Earlier versions wrote it at the end only.
            found = self.facts().get("data") if self.finished else None
            return found if isinstance(found, dict) else {}
        return _mapping(path)

    def write_facts(self, facts: dict[str, Any]) -> None:
        """Writes `run.json`, which makes the run a finished one."""
        jsonio.write_json(self.path / "run.json", facts)

    def facts(self) -> dict[str, Any]:
        """What `run.json` says.

        Raises:
            MissingDataError: The run has not ended.
            MassiveKitError: `run.json` is damaged.
        """
        if not self.finished:
            raise MissingDataError(
                f"{self.path} holds no finished run; "
                f"`massive-kit train ... --out {self.path} --resume` ends it"
            )
        path = self.path / "run.json"
        found = _mapping(path)
        missing = [key for key in _PROMISED if key not in found]
        if missing:
            raise MassiveKitError(f"{path} lacks {', '.join(missing)}; train again")
        return found

    def forget(self) -> None:
        """Removes what a run writes before its first step, and nothing else."""
        for name in ("recipe.yaml", "task.yaml", "data.json"):
            (self.path / name).unlink(missing_ok=True)


def _mapping(path: Path) -> dict[str, Any]:
    try:
        found = jsonio.read_json(path)
    except ValueError as error:
        raise MassiveKitError(f"{path} is not JSON: {error}; train again") from None
    if not isinstance(found, dict):
        raise MassiveKitError(f"{path} is not what a run writes; train again")
    return found
