"""The run behind a name: a run, or its model, however that is named, so that no lineage is lost."""

from __future__ import annotations

from pathlib import Path

from massive_kit.errors import ConfigError, Problem
from massive_kit.runs.folder import RunFolder


def named_run(name: str, where: str) -> RunFolder | None:
    """The run that a base is, or is the model of; `None` of any other folder or name on a hub.

    Args:
        name: A run, the model of one, another folder, or a name on a hub.
        where: What names it, for messages.

    Raises:
        ConfigError: It is a model that has learnt labels, or rests on what did, and it is not known
            of which run.
    """
    given = Path(name)
    if RunFolder(given).recipe_file.is_file() and not holds_labels(given):
        return RunFolder(given)
    places = _places(given)
    for place in places:
        holder = RunFolder(place.parent)
        if place == holder.model and place.is_dir() and holder.recipe_file.is_file():
            # Messages and facts name it as it was named.
            return RunFolder(given.parent) if place == given.absolute() else holder
    for place in places:
        if holds_labels(place):
            problem = Problem(
                where,
                f"{name}, the model of a run without the run, so that it is not known what it"
                " has learnt from",
                "a run, or a model as it was pretrained",
                "name the directory of the run, which holds run.json",
            )
            raise ConfigError("it is not known what the base has learnt from", [problem])
        _check_part(place, name, where)
    return None


def holds_labels(folder: Path) -> bool:
    """Whether a folder holds a model that labels, which has an inventory wherever it is copied."""
    return (folder / "inventory.json").is_file()


def _places(path: Path) -> list[Path]:
    """Where it is, as it is named and with links followed, as one of both may be in a run."""
    folder = path.parent if path.suffix.lower() == ".gguf" else path
    return [*dict.fromkeys((folder.absolute(), folder.resolve()))]


def _check_part(place: Path, name: str, where: str) -> None:
    """Refuses what stands in a run's model, such as a frozen encoder, if that is of another run."""
    for folder in place.parents:
        run = RunFolder(folder.parent)
        if folder != run.model or not run.recipe_file.is_file():
            continue
        parents = [str(parent["run"]) for parent in run.facts().get("parents", ())]
        if parents:
            problem = Problem(
                where,
                f"{name}, a part of the model of {run.path}, which rests on other runs",
                "a run, or a model as it was pretrained",
                f"name the run that the part is of: {' or '.join(parents)}",
            )
            raise ConfigError("it is not known what the base has learnt from", [problem])
