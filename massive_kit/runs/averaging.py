"""The mean of several runs' weights as a run: one system, at the cost of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from massive_kit.engine.averaged_weights import WeightFiles, write_average
from massive_kit.errors import ConfigError, UsageError
from massive_kit.runs.average_checks import averaging_problems
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.joined_data import joined_data
from massive_kit.runs.run_of_runs import RunOfRuns, check_free
from massive_kit.systems.kind import Facts
from massive_kit.systems.recipes import changed, seed_of
from massive_kit.systems.saving import carry_over

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
    parents = [RunFolder(path) for path in runs]
    parent_facts = [parent.facts() for parent in parents]
    check_free(out)
    if problems := averaging_problems(parents):
        raise ConfigError("the runs cannot be averaged", problems)
    first, first_facts = parents[0], parent_facts[0]
    title = f"{first_facts['title']} (mean of {len(runs)} runs)"
    mean = RunOfRuns(
        parents,
        changed(first.recipe(), {"title": title}, f"the recipe of {first.path}"),
        first.task() or {"name": first_facts["task"]},
        joined_data([facts["data"] for facts in parent_facts]),
    )

    def write_model(folder: Path) -> Facts:
        write_average([WeightFiles.of(parent.model) for parent in parents], folder)
        carry_over(first.model, folder)
        facts = {key: first_facts[key] for key in _OF_THE_MODEL if key in first_facts}
        if neighbours := first_facts.get("neighbours"):
            # What they are worth beside the mean nobody has measured.
            facts["neighbours"] = {key: neighbours[key] for key in neighbours if key != "dev"}
        return facts

    return mean.write(out, write_model)


def start_apart(runs: Sequence[Path]) -> bool:
    """Whether models start from random weights of several seeds, whose mean is of no use."""
    recipes = [RunFolder(path).recipe().model_dump(mode="json") for path in runs]
    scratch = [recipe for recipe in recipes if (recipe.get("model") or {}).get("base") is None]
    return len({seed_of(recipe) for recipe in scratch}) > 1


def weight_of_the_parents(run: RunFolder) -> float | None:
    """What neighbours weigh, where that was chosen on the dev set for each of the runs averaged."""
    facts = run.facts()
    settings = (facts["recipe"].get("inference") or {}).get("neighbours") or {}
    if settings.get("weight") != "dev" or "neighbours" not in facts:
        return None
    return float(facts["neighbours"]["weight"])
