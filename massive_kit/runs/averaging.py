"""The mean of several runs' weights as a run: one system, at the cost of all of them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from massive_kit import provenance
from massive_kit.data.lineage import UsedResource
from massive_kit.engine.averaged_weights import WeightFiles, write_average
from massive_kit.errors import ConfigError, MassiveKitError, UsageError
from massive_kit.files.atomic import atomic_folder
from massive_kit.runs.average_checks import averaging_problems
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import facts_of_parents, run_resources
from massive_kit.runs.model_card import write_card
from massive_kit.systems.recipes import changed, seed_of

_FEWEST = 2
# What a model is, which its parents know already.
_OF_THE_MODEL = ("parameters", "parameters_without_embeddings")


def average_runs(runs: Sequence[Path], out: Path) -> RunFolder:
    """Averages the weights of finished runs into a new one.

    It predicts as the first of them would, with the weights of all. Its seconds are the sum of
    theirs, its resources and selection those of any of them.

    Args:
        runs: Two or more, of one architecture, task and set of labels and subwords.
        out: The new run's directory.

    Raises:
        UsageError: Fewer than two runs are named.
        MissingDataError: One of them has not ended.
        ConfigError: They cannot be averaged; with every reason.
        MassiveKitError: The directory holds something, or a run is damaged.
    """
    if len(runs) < _FEWEST:
        raise UsageError("name two runs or more to average")
    begin = time.monotonic()
    parents = [RunFolder(path) for path in runs]
    parent_facts = [parent.facts() for parent in parents]
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise MassiveKitError(f"{out} holds other files; choose another --out")
    if problems := averaging_problems(parents):
        raise ConfigError("the runs cannot be averaged", problems)
    folder = RunFolder(out)
    first, first_facts = parents[0], parent_facts[0]
    title = f"{first_facts['title']} (mean of {len(runs)} runs)"
    recipe = changed(first.recipe(), {"title": title}, f"the recipe of {first.path}")
    data = _data([facts["data"] for facts in parent_facts])
    _write_model(parents, folder.model)
    folder.write_recipe(recipe)
    folder.write_task(first.task() or {"name": first_facts["task"]})
    folder.write_data(data)
    spent = sum(float(facts["seconds"]) for facts in parent_facts)
    facts = {
        "format": 1,
        "kind": recipe.kind,
        "title": title,
        "recipe": recipe.model_dump(mode="json"),
        "task": first_facts["task"],
        "setting": first_facts.get("setting"),
        "data": data,
        "parents": facts_of_parents(parents),
        "resources": [used.to_json() for used in _resources(parents)],
        "seeds": _seeds(parent_facts),
        "versions": provenance.versions(),
        "revision": provenance.git_revision(),
        "hardware": provenance.hardware(),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(spent + time.monotonic() - begin, 1),
        **{key: first_facts[key] for key in _OF_THE_MODEL if key in first_facts},
    }
    write_card(folder.model, facts)
    folder.write_facts(facts)
    return folder


def start_apart(runs: Sequence[Path]) -> bool:
    """Whether models start from random weights of several seeds, whose mean is of no use."""
    recipes = [RunFolder(path).recipe().model_dump(mode="json") for path in runs]
    scratch = [recipe for recipe in recipes if (recipe.get("model") or {}).get("base") is None]
    return len({seed_of(recipe) for recipe in scratch}) > 1


def _write_model(parents: Sequence[RunFolder], folder: Path) -> None:
    weights = [WeightFiles.of(parent.model) for parent in parents]
    with atomic_folder(folder) as new:
        write_average(weights, new)
        for path in parents[0].model.iterdir():
            if path.is_dir():
                shutil.copytree(path, new / path.name)
            elif not (new / path.name).exists():
                shutil.copyfile(path, new / path.name)


def _data(all_data: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What all runs together were trained and selected on."""
    first = all_data[0]
    joined = {**first, "name": " + ".join(dict.fromkeys(data["name"] for data in all_data))}
    shots = [data.get("shots") for data in all_data]
    joined["shots"] = None if None in shots else max(filter(None, shots), default=None)
    for part in ("train", "dev", "text", "pairs"):
        parts = {data[part]["hash"]: data[part] for data in all_data if part in data}
        if parts:
            joined[part] = _joined([*parts.values()])
    return joined


def _joined(splits: Sequence[dict[str, Any]]) -> dict[str, Any]:
    if len(splits) == 1:
        return splits[0]
    return {
        "partition": " + ".join(dict.fromkeys(split["partition"] for split in splits)),
        "locales": [*dict.fromkeys(code for split in splits for code in split["locales"])],
        "rows": sum(split["rows"] for split in splits),
        "hash": "+".join(split["hash"] for split in splits),
    }


def _resources(parents: Sequence[RunFolder]) -> list[UsedResource]:
    used = [
        resource.through(f"run {parent.path}")
        for parent in parents
        for resource in run_resources(parent)
    ]
    return [*dict.fromkeys(used)]


def _seeds(all_facts: Sequence[dict[str, Any]]) -> list[int]:
    seeds: list[int | None] = []
    for facts in all_facts:
        seeds += facts.get("seeds") or [seed_of(facts["recipe"])]
    return [seed for seed in dict.fromkeys(seeds) if seed is not None]
