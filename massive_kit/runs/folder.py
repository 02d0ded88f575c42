"""The run directory: what a training run leaves and what predicting starts from.

RUN/run.json      recipe, versions, data hash, revision, hardware, times, best score
RUN/recipe.yaml   the effective recipe
RUN/task.yaml     the task as it was
RUN/data.json     the data it began with: locales, rows and content hashes of train and dev
RUN/model/        the best model: safetensors, configuration, tokenizer, inventory.json
RUN/prompt.jsonl  what a prompted language model is asked with, the utterance left out
RUN/answers.sqlite  the answers that it has given
RUN/checkpoints/  for --resume
RUN/log.jsonl     losses and dev scores
RUN/tensorboard/  the same as event files, where the recipe reports to TensorBoard
RUN/predictions/  what `eval` predicted: TASK/DATA-PARTITION.jsonl.gz, beside it as .json what
                  made it, and in TASK/source/ the task's source locale, where the task itself
                  does not test that

No other module spells these names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import yaml

from massive_kit import content
from massive_kit.engine.workspace import Workspace
from massive_kit.errors import MassiveKitError, MissingDataError
from massive_kit.files import jsonio
from massive_kit.files.atomic import atomic_file
from massive_kit.notebook import ShownAsTable
from massive_kit.schema.config import read_yaml
from massive_kit.schema.recipe import Recipe
from massive_kit.schema.task import Task
from massive_kit.systems.recipes import parse_recipe

if TYPE_CHECKING:
    import pandas as pd

    from massive_kit.data.task_data import TaskData

# The keys of `run.json` that every run has, whatever its kind.
_PROMISED = ("kind", "title", "recipe", "task", "data", "versions", "seconds")
_PREDICTIONS_SUFFIX = ".jsonl.gz"


@dataclass(frozen=True, slots=True)
class RunFolder(ShownAsTable):
    """Paths and small files of a run."""

    path: Path

    @staticmethod
    def is_run(path: Path) -> bool:
        """Whether a path is the directory of a run that has ended."""
        return RunFolder(path).facts_file.is_file()

    @property
    def facts_file(self) -> Path:
        """`run.json`, the last file that a run writes."""
        return self.path / "run.json"

    @property
    def recipe_file(self) -> Path:
        """The effective recipe, the first file that a run writes."""
        return self.path / "recipe.yaml"

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
        """Losses and dev scores, one JSON object per line."""
        return self.path / "log.jsonl"

    @property
    def tensorboard(self) -> Path:
        """The folder of TensorBoard's event files."""
        return self.path / "tensorboard"

    @property
    def workspace(self) -> Workspace:
        """Where the engine writes while it fits the model."""
        return Workspace(self.checkpoints, self.log, self.tensorboard)

    @property
    def finished(self) -> bool:
        """Whether the run has ended and left its model."""
        return self.facts_file.is_file() and self.model.is_dir()

    def predictions(self, task_data: TaskData) -> Path:
        """The file of predictions for a task's test split, which need not exist."""
        return self._predictions / task_data.task.name / _prediction_file(task_data)

    def source_predictions(self, task_data: TaskData) -> Path:
        """As `predictions`, for the task's source locale where the task does not test that."""
        return self._predictions / task_data.task.name / "source" / _prediction_file(task_data)

    def predictions_at_hand(self, task: Task) -> list[Path]:
        """The files of predictions for a task's test split that exist, on whichever data."""
        end = f"-{task.test.partition}{_PREDICTIONS_SUFFIX}"
        paths = sorted((self._predictions / task.name).glob("*")) or self._old_predictions(task)
        return [path for path in paths if path.is_file() and path.name.endswith(end)]

    def _old_predictions(self, task: Task) -> list[Path]:
        # Earlier versions wrote TASK-DATA-PARTITION, or LOCALE-DATA-PARTITION for a task with one
        # test locale. `massive-zeroshot-strict-...` starts with the name of another task, too.
        tasks = sorted({task.name, *content.names("tasks")}, key=len, reverse=True)
        locales = task.test.locales
        lone = f"{locales[0]}-" if isinstance(locales, list) and len(locales) == 1 else None
        files = sorted(self._predictions.glob("*"))
        owners = {
            path: next((name for name in tasks if path.name.startswith(f"{name}-")), None)
            for path in files
        }
        return [
            path
            for path in files
            if owners[path] == task.name or (lone is not None and path.name.startswith(lone))
        ]

    @property
    def _predictions(self) -> Path:
        return self.path / "predictions"

    def to_frame(self) -> pd.DataFrame:
        """The dev scores of the run as a pandas data frame, one row per evaluation."""
        import pandas as pd

        lines = self.log.read_bytes().splitlines() if self.log.is_file() else []
        evaluations = [line for line in map(orjson.loads, lines) if "dev" in line]
        return pd.DataFrame([{"step": line["step"], **line["dev"]} for line in evaluations])

    def write_recipe(self, recipe: Recipe) -> None:
        """Writes the effective recipe."""
        values = recipe.model_dump(mode="json")
        with atomic_file(self.recipe_file) as stream:
            stream.write(yaml.safe_dump(values, sort_keys=False, allow_unicode=True).encode())

    def recipe(self) -> Recipe:
        """The effective recipe.

        Raises:
            MissingDataError: This is not a run directory.
        """
        if not self.recipe_file.is_file():
            raise MissingDataError(
                f"{self.path} is not a run directory; "
                "`massive-kit train RECIPE --task TASK --out RUN` makes one"
            )
        return parse_recipe(read_yaml(self.recipe_file), str(self.recipe_file))

    def write_task(self, values: dict[str, Any]) -> None:
        """Writes the task."""
        with atomic_file(self._task_file) as stream:
            stream.write(yaml.safe_dump(values, sort_keys=False, allow_unicode=True).encode())

    def task(self) -> dict[str, Any]:
        """The task as it was when the run began; empty where that was not kept."""
        return read_yaml(self._task_file) if self._task_file.is_file() else {}

    def write_data(self, values: dict[str, Any]) -> None:
        """Writes what the run trains and selects on."""
        jsonio.write_json(self._data_file, values)

    def data(self) -> dict[str, Any]:
        """What the run trains and selects on; empty where that was not kept.

        Raises:
            MassiveKitError: `data.json` is damaged.
        """
        if not self._data_file.is_file():
            # Earlier versions wrote it at the end only.
            data = self.facts().get("data") if self.finished else None
            return data if isinstance(data, dict) else {}
        return _mapping(self._data_file)

    def write_facts(self, facts: dict[str, Any]) -> None:
        """Writes `run.json`, which makes the run a finished one."""
        jsonio.write_json(self.facts_file, facts)

    def facts(self, *, needs_model: bool = True) -> dict[str, Any]:
        """The content of `run.json`.

        Args:
            needs_model: Whether a run whose model is gone is refused.

        Raises:
            MissingDataError: The run has not ended.
            MassiveKitError: `run.json` is damaged.
        """
        if not (self.finished if needs_model else self.facts_file.is_file()):
            finished = self.path.glob(f"seed-*/{self.facts_file.name}")
            seeds = sorted(path.parent.name for path in finished)
            if seeds:
                raise MissingDataError(
                    f"{self.path} holds the runs of {len(seeds)} seeds and is none itself;"
                    f" name them one by one, such as {self.path / seeds[0]}"
                )
            raise MissingDataError(
                f"{self.path} is not a finished run; "
                f"`massive-kit train ... --out {self.path} --resume` ends it"
            )
        facts = _mapping(self.facts_file)
        missing = [key for key in _PROMISED if key not in facts]
        if missing:
            raise MassiveKitError(f"{self.facts_file} lacks {', '.join(missing)}; train again")
        return facts

    def note_usage(self, task: str, usage: dict[str, Any]) -> None:
        """Notes in `run.json` what a language model took to predict a task."""
        facts = self.facts()
        before = facts.get("usage", {}).get(task, {})
        if {**before, "wall_seconds": 0} == {**usage, "wall_seconds": 0}:
            # All answers were kept ones: how long reading them took says nothing of the model.
            return
        facts["usage"] = {**facts.get("usage", {}), task: usage}
        self.write_facts(facts)

    def forget(self) -> None:
        """Removes what a run writes before its first step, and nothing else."""
        for path in (self.recipe_file, self._task_file, self._data_file):
            path.unlink(missing_ok=True)

    @property
    def _task_file(self) -> Path:
        return self.path / "task.yaml"

    @property
    def _data_file(self) -> Path:
        return self.path / "data.json"


def made_by_file(predictions: Path) -> Path:
    """The file that says what made the predictions of a run: `p.json` beside `p.jsonl.gz`."""
    return predictions.with_name(predictions.name.removesuffix(_PREDICTIONS_SUFFIX) + ".json")


def _prediction_file(task_data: TaskData) -> str:
    test = task_data.test
    return f"{test.store.name}-{test.partition}{_PREDICTIONS_SUFFIX}"


def _mapping(path: Path) -> dict[str, Any]:
    try:
        value = jsonio.read_json(path)
    except ValueError as error:
        raise MassiveKitError(f"{path} is not JSON: {error}; train again") from None
    if not isinstance(value, dict):
        raise MassiveKitError(f"{path} is not what a run writes; train again")
    return value
