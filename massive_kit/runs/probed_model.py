"""The model that a probe looks into: that of a run, or a folder with weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from massive_kit.errors import ConfigError, MissingDataError, Problem
from massive_kit.runs.folder import RunFolder

_BASE = "base"


@dataclass(frozen=True, slots=True)
class ProbedModel:
    """A model.

    Attributes:
        name: What it is called.
        folder: Where weights, configuration and tokenizer are.
        kind: The kind of its run; `base` where it is of none.
    """

    name: str
    folder: Path
    kind: str


def probed_model(path: Path) -> ProbedModel:
    """The model of a run, or in a folder.

    Raises:
        MissingDataError: There is no such folder, or the run is not finished.
        ConfigError: The run or folder holds no weights of an encoder.
    """
    if not path.is_dir():
        raise MissingDataError(f"{path} not found; name a run or the folder of a model")
    run = RunFolder(path)
    kind, folder = _BASE, path
    if run.recipe_file.is_file():
        kind, folder = str(run.facts()["kind"]), run.model
    if not (folder / "config.json").is_file():
        what = "a folder without config.json" if kind == _BASE else f"a run of kind {kind}"
        problem = Problem(str(path), what, "an encoder's weights, configuration and tokenizer")
        raise ConfigError("there is no encoder to look into", [problem])
    return ProbedModel(path.resolve().name, folder, kind)
