"""Whether runs may be averaged: of one shape, with the same labels, subwords and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from massive_kit.data.inventory import read_inventory
from massive_kit.engine.averaged_weights import WeightFiles, differing_weights
from massive_kit.errors import MassiveKitError, Problem
from massive_kit.files.jsonio import read_json
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.lineage import run_resources
from massive_kit.schema.config import flattened
from massive_kit.schema.recipe import Recipe
from massive_kit.systems.kind import kind_of
from massive_kit.systems.trained_recipe import TrainedRecipe

# Of a recipe's `model`: where the weights and subwords come from, which are compared themselves.
_ORIGIN = ("base", "revision", "tokenizer", "config", "layers", "feed_forward", "vocabulary")
# Settings of prediction are changed without training.
_CONFIGURE = (
    "`massive-kit configure RUN --out NEW -o inference.{}=null` makes a run without;"
    " average such runs, then configure their mean"
)
# What stands beside a model's weights and is made for them.
_OF_ITS_WEIGHTS = {
    "language_shifts.safetensors": ("centring", "centred by vectors of"),
    "label_offsets.safetensors": ("label_rates", "moved by what was predicted with"),
}
_NOTES = ("_name_or_path", "transformers_version")
# How a text was cut or filled up last is no part of a tokenizer.
_LAST_USE = ("truncation", "padding")
_MOST_SHOWN = 60


def averaging_problems(runs: Sequence[RunFolder]) -> list[Problem]:
    """All reasons why finished runs cannot be averaged.

    Raises:
        MassiveKitError: A file of a run is damaged.
    """
    problems = []
    if len({run.path.resolve() for run in runs}) < len(runs):
        problems.append(Problem("the runs", "one is named twice", "different runs"))
    whole = []
    for run in runs:
        reason = _no_whole_model(run)
        if reason is None:
            whole.append(run)
        else:
            expected = "a run that trained a whole model on labels"
            problems.append(Problem(str(run.path), reason, expected))
        problems += [
            Problem(
                str(run.path),
                f"a run that is {what} its own weights (inference.{key})",
                "a run that is not",
                _CONFIGURE.format(key),
            )
            for file, (key, what) in _OF_ITS_WEIGHTS.items()
            if (run.model / file).is_file()
        ]
    if not whole:
        return problems
    problems += shared_ids(runs)
    first, *others = whole
    weights = WeightFiles.of(first.model)
    for other in others:
        if other.recipe().kind == first.recipe().kind:
            problems += differing_weights(weights, WeightFiles.of(other.model))
        for what, read in _COMPARED.items():
            problems += _differences(what, other, read(other), first, read(first))
        how_they_predict = _differences(
            "recipe.yaml", other, _inference(other), first, _inference(first)
        ) or _differences("model", other, _beside(other), first, _beside(first))
        if how_they_predict:
            *others_of_them, last = how_they_predict
            todo = _CONFIGURE.format(_setting(last.found.split()[0]))
            problems += [*others_of_them, replace(last, todo=todo)]
    return problems


def shared_ids(runs: Sequence[RunFolder]) -> list[Problem]:
    """A problem for each run that read ids in pairs whose labels another was trained on."""
    used = {run.path: run_resources(run) for run in runs}
    labels = {
        (path, resource.ids)
        for path, resources in used.items()
        for resource in resources
        if resource.resource == "target-labels"
    }
    return [
        Problem(
            str(path),
            "it read ids in pairs, and other runs were trained on their labels: "
            + ", ".join(sorted(str(other) for other, ids in labels if ids != resource.ids)),
            "no id both in a pair and with its labels, which are the same in every language",
        )
        for path, resources in used.items()
        for resource in resources
        if resource.resource == "parallel-text"
        and resource.ids is not None
        and any(ids != resource.ids for _, ids in labels)
    ]


def _no_whole_model(run: RunFolder) -> str | None:
    recipe = run.recipe()
    if not isinstance(recipe, TrainedRecipe) or not recipe.uses_labels:
        return f"a run of kind {recipe.kind}"
    if (run.model / "adapter_config.json").is_file():
        return "a run whose model is adapters, whose mean is no mean of models"
    return None


def _kept_task(run: RunFolder) -> Mapping[str, Any]:
    return {"task": run.facts()["task"], "kind": run.recipe().kind}


def _settings(run: RunFolder) -> Mapping[str, Any]:
    recipe = run.recipe()
    values = recipe.model_dump(mode="json")
    settings = {key: value for key, value in values["model"].items() if key not in _ORIGIN}
    kept = {"model": settings}
    # What one read in pairs another must not have had labels of.
    kept["objective"] = {"pairs": values["objective"]["pairs"]}
    return _read_when_predicting(kept, recipe)


def _inference(run: RunFolder) -> Mapping[str, Any]:
    values = run.recipe().model_dump(mode="json")
    return flattened({"inference": values.get("inference", {})})


def _beside(run: RunFolder) -> Mapping[str, Any]:
    """What stands beside the weights and is made of rows, which the mean has from the first run."""
    values: dict[str, Any] = {}
    for folder in sorted(path for path in run.model.iterdir() if path.is_dir()):
        values[folder.name] = _mapping(folder / f"{folder.name}.json")
        values["training rows"] = run.facts()["data"]["train"]["hash"]
    if (run.model / "label_transitions.safetensors").is_file():
        values["transitions.training_rows"] = run.facts()["data"]["train"]["hash"]
    return flattened(values)


def _configuration(run: RunFolder) -> Mapping[str, Any]:
    return _read_when_predicting(_mapping(run.model / "config.json"), run.recipe())


def _labels(run: RunFolder) -> Mapping[str, Any]:
    # The order gives a model's outputs their meaning, and mappings are equal in any order.
    inventory = read_inventory(run.model)
    return {name: [*getattr(inventory, name)] for name in ("intents", "labels")}


def _subwords(run: RunFolder) -> Mapping[str, Any]:
    state = _mapping(run.model / "tokenizer.json")
    return {key: value for key, value in state.items() if key not in _LAST_USE}


_COMPARED = {
    "run.json": _kept_task,
    "recipe.yaml": _settings,
    "model/config.json": _configuration,
    "model/inventory.json": _labels,
    "model/tokenizer.json": _subwords,
}


def _read_when_predicting(values: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    """The values, flat, without those that training alone reads."""
    kept = {}
    for key, value in flattened(values).items():
        parts = key.split(".")
        in_training = "drop" in parts[-1] or kind_of(recipe).training_keys & {*parts}
        if not in_training and parts[-1] not in _NOTES:
            kept[key] = value
    return kept


def _differences(
    file: str,
    other: RunFolder,
    theirs: Mapping[str, Any],
    first: RunFolder,
    mine: Mapping[str, Any],
) -> list[Problem]:
    keys = [key for key in sorted(mine.keys() | theirs.keys()) if mine.get(key) != theirs.get(key)]
    return [
        Problem(
            str(other.path / file),
            f"{key} is {_shown(theirs.get(key))}",
            f"{_shown(mine.get(key))}, as {first.path}",
        )
        for key in keys
    ]


def _setting(key: str) -> str:
    """The part of `inference` that a line on a run's settings is about."""
    section, _, rest = key.partition(".")
    if section == "inference":
        return rest.partition(".")[0]
    return section if section == "transitions" else "neighbours"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


def _mapping(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        value = read_json(path)
    except ValueError as error:
        raise MassiveKitError(f"{path} is not JSON: {error}; train again") from None
    if not isinstance(value, dict):
        raise MassiveKitError(f"{path} is not what a run writes; train again")
    return value
