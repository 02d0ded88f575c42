"""What a run rests on: the runs it starts from (`model.base` may name one), and what they used."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from massive_kit.data.lineage import UsedResource
from massive_kit.data.resources import check_allowed, free_labels
from massive_kit.data.task_data import TaskData, named_locales, task_languages, with_source_locale
from massive_kit.errors import ConfigError, Problem
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.named_runs import named_run
from massive_kit.runs.seen_rows import ScoredRows, check_unseen, texts_as_json, texts_read
from massive_kit.schema.recipe import Base, Recipe
from massive_kit.schema.task import ZERO_SHOT_SETTINGS, Task
from massive_kit.systems.kind import kind_of
from massive_kit.systems.recipes import changed


def parents(recipe: Recipe, section: str = "") -> tuple[RunFolder, ...]:
    """The runs that a recipe names.

    Args:
        recipe: The recipe.
        section: What the keys begin with that name them; by default all do.

    Raises:
        MissingDataError: One of them has not ended.
        ConfigError: One of them is of a kind that has no such model.
    """
    return tuple(dict.fromkeys(parent for _, parent in _named_parents(recipe, section)))


def with_parent_models(recipe: Recipe, section: str = "") -> Recipe:
    """The recipe with the model folder of a run in the place of each run.

    Args:
        recipe: The recipe.
        section: As that of `parents`.
    """
    teachers = recipe.teachers()
    for base, parent in _named_parents(recipe, section):
        if base in teachers:
            # Asked as the run that it is.
            continue
        values: Any = str(parent.model)
        for part in reversed(base.key.split(".")):
            values = {part: values}
        recipe = changed(recipe, values, "the recipe")
    return recipe


def _named_parents(recipe: Recipe, section: str = "") -> list[tuple[Base, RunFolder]]:
    bases = [base for base in recipe.bases() if base.key.startswith(section)]
    named = [(base, named_run(base.name, f"recipe: {base.key}")) for base in bases]
    parents = [(base, run) for base, run in named if run is not None]
    kind, teachers = kind_of(recipe), recipe.teachers()
    problems = []
    for base, parent in parents:
        parent.facts()
        if base in teachers or base.tokenizer_alone:
            # Nothing starts from it; whether it can teach is found out where it is asked.
            continue
        parent_recipe = parent.recipe()
        parent_kind = kind_of(parent_recipe)
        wanted = base.architecture or kind.architecture_of(recipe)
        fits = parent_kind.architecture_of(parent_recipe) == wanted
        if not parent_kind.card.weights or not fits:
            problem = Problem(
                "recipe",
                f"{base.key} is {base.name}, a run of kind {parent_kind.name}",
                f"a model that a {kind.name} recipe can start from",
            )
            problems.append(problem)
    if problems:
        raise ConfigError("the recipe does not fit the base", problems)
    return parents


def parent_facts(recipe: Recipe) -> list[dict[str, Any]]:
    """As `facts_of_parents`, of the runs that a recipe names."""
    return facts_of_parents(parents(recipe))


def labelling_facts(task_data: TaskData) -> list[dict[str, Any]]:
    """What `run.json` says of the runs that labelled a task's training rows."""
    lineage = task_data.train.store.lineage
    runs = () if lineage is None else lineage.labelling_runs()
    return [*{run.name: dict(run.facts) for run in runs}.values()]


def facts_of_parents(
    runs: Sequence[RunFolder], configured: Collection[RunFolder] = ()
) -> list[dict[str, Any]]:
    """What `run.json` says of each parent: where it is, what it is and what it started from.

    Args:
        runs: The parents.
        configured: Those whose settings of inference are replaced, so that what these read is not.
    """
    listed = []
    for parent in runs:
        facts = parent.facts()
        kept: dict[str, Any] = {
            name: facts[name]
            for name in ("title", "kind", "task", "data", "best", "seconds")
            if name in facts
        }
        kept |= {} if parent in configured else texts_as_json(texts_read(parent))
        listed.append({"run": str(parent.path), **kept, "parents": facts.get("parents", [])})
    return listed


def recipe_resources(recipe: Recipe, section: str = "") -> tuple[UsedResource, ...]:
    """What a recipe uses itself, and what the runs used that it names, each with its chain.

    Args:
        recipe: The recipe.
        section: As that of `parents`.
    """
    used = [UsedResource(resource, ("the recipe",)) for resource in recipe.resources()]
    for parent in parents(recipe, section):
        used += [resource.through(f"run {parent.path}") for resource in run_resources(parent)]
    return tuple(used)


def run_resources(run: RunFolder) -> tuple[UsedResource, ...]:
    """What a finished run used, its parents included.

    Raises:
        MissingDataError: The run has not ended.
        MassiveKitError: `run.json` is damaged.
    """
    facts = run.facts(needs_model=False)
    kept = facts.get("resources")
    if isinstance(kept, list):
        return tuple(UsedResource.from_json(value) for value in kept)
    # Runs of earlier versions had no parents, and used nothing but labels.
    data = facts["data"]
    by, locales = (f"store {data.get('name')}",), data.get("train", {}).get("locales", ())
    return (UsedResource("target-labels", by, data.get("shots"), tuple(locales)),)


def resources_beside_labels(run: RunFolder) -> list[str]:
    """The names of what a finished run used beside the labels of its setting, sorted.

    Raises:
        MissingDataError: The run has not ended.
        MassiveKitError: `run.json` is damaged.
    """
    facts = run.facts(needs_model=False)
    # The labels of its own training split are what its setting is about; in context, those of the
    # source alone.
    labelled = {*facts["data"].get("train", {}).get("locales", ())}
    # Rows whose labels a run or a dictionary made of another language's have none of their own.
    if learnt := learnt_languages(run):
        labelled &= {*learnt}
    if facts.get("setting") == "in-context":
        labelled &= {run.task().get("source_locale")}
    return sorted({used.resource for used in run_resources(run) if not used.is_of(labelled)})


def learnt_languages(run: RunFolder) -> list[str] | None:
    """The languages whose labels a finished run was trained on, its parents included, sorted.

    Returns:
        `None` where some of them are not known.

    Raises:
        MissingDataError: The run has not ended.
        MassiveKitError: `run.json` is damaged.
    """
    used = [labels for labels in run_resources(run) if labels.resource == "target-labels"]
    if any(not labels.locales for labels in used):
        return None
    return sorted({locale for labels in used for locale in labels.locales})


def check_run(run: RunFolder, task_data: TaskData, *, configured: bool = False) -> None:
    """Refuses a run that used more than a task allows, or has seen the rows that it scores.

    Args:
        run: The finished run.
        task_data: The task on its data.
        configured: As that of `check_unseen`.

    Raises:
        ConfigError: With a problem for each resource, or for rows that were trained or selected on
            or whose text was read, and the chain that leads to who did.
    """
    task = task_data.task
    _check(run, task, free_labels(task, task_data.train.label_locales), task_data.dev.locales)
    check_unseen(run, ScoredRows.of(task_data), configured=configured)


def check_run_against(run: RunFolder, task: Task) -> None:
    """As `check_run`, where the task's data are not at hand: it names its locales and stores.

    Raises:
        ConfigError: As `check_run`.
    """
    table = task_languages(task)
    # Languages that the table lacks are known from the run alone.
    known = dict.fromkeys((*table.languages, *_locales_used(run)))
    task = with_source_locale(task, known, table)
    train, dev = (named_locales(split, known, table) for split in (task.train, task.dev))
    _check(run, task, free_labels(task, train), None if task.dev.locales == "all" else dev)
    check_unseen(run, ScoredRows(task, frozenset(task.data)))


def _check(
    run: RunFolder, task: Task, labelled: Sequence[str], dev_locales: Sequence[str] | None
) -> None:
    used = (resource.through(f"run {run.path}") for resource in run_resources(run))
    check_allowed(task, used, labelled=labelled)
    if dev_locales is None or task.setting not in ZERO_SHOT_SETTINGS:
        return
    selected = _selection_locales(run.facts(needs_model=False))
    more = sorted(selected - {*dev_locales} - {*labelled})
    if more:
        shown = ", ".join(more[:10]) + (", ..." if len(more) > 10 else "")  # noqa: PLR2004 - a line
        problem = Problem(
            f"run {run.path}",
            f"checkpoints were selected on labels of {shown}",
            f"dev sets of {', '.join(dev_locales)}",
            "train on the task itself, or evaluate on one that selects on these",
        )
        raise ConfigError(f"more was used than the task {task.name} allows", [problem])


def _locales_used(run: RunFolder) -> set[str]:
    """Locales whose labels a run was trained or selected on."""
    labelled = {locale for used in run_resources(run) for locale in used.locales}
    return labelled | _selection_locales(run.facts(needs_model=False))


def _selection_locales(facts: Mapping[str, Any]) -> set[str]:
    """Locales whose dev labels chose checkpoints, of a run and of those it started from."""
    dev = facts["data"].get("dev", {})
    # What was selected on text alone, no label chose.
    by_labels = facts.get("best") and not dev.get("text_only")
    locales = {*dev.get("locales", ())} if by_labels else set()
    for parent in facts.get("parents", ()):
        locales |= _selection_locales(parent)
    return locales
