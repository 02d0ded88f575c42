"""Several runs that are asked together as a run: one system, at the cost of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from massive_kit.data.inventory import read_inventory
from massive_kit.errors import ConfigError, Problem, UsageError
from massive_kit.runs.average_checks import shared_ids
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.joined_data import joined_data
from massive_kit.runs.run_of_runs import RunOfRuns, check_free
from massive_kit.systems.kind import Facts, kind_of
from massive_kit.systems.recipes import parse_recipe

_FEWEST = 2
# What an ensemble has of each member.
_ADDED = ("parameters", "parameters_without_embeddings")


def ensemble_runs(runs: Sequence[Path], out: Path) -> RunFolder:
    """Puts finished runs together into a new one, which predicts by the mean of what they say.

    Probabilities are averaged, and intent and slots are decoded from the means. Its seconds are
    the sum of those of its members, its resources and selection those of any of them.

    Args:
        runs: Two or more, of one task and set of labels; their models may differ.
        out: The new run's directory.

    Raises:
        UsageError: Fewer than two runs are named.
        MissingDataError: One of them has not ended.
        ConfigError: They cannot be put together; with every reason.
        MassiveKitError: The directory holds something, or a run is damaged.
    """
    if len(runs) < _FEWEST:
        raise UsageError("name two runs or more to put together")
    members = [RunFolder(path) for path in runs]
    facts = [member.facts() for member in members]
    check_free(out)
    if problems := _problems(members):
        raise ConfigError("the runs cannot be put together", problems)
    titles = [str(of_one["title"]) for of_one in facts]
    values = {
        "kind": "ensemble",
        "title": _title(titles),
        "members": [
            {"run": str(member.path), "title": title}
            for member, title in zip(members, titles, strict=True)
        ],
    }
    ensemble = RunOfRuns(
        members,
        parse_recipe(values, "the ensemble"),
        members[0].task() or {"name": facts[0]["task"]},
        joined_data([of_one["data"] for of_one in facts]),
    )

    def write_model(folder: Path) -> Facts:
        from massive_kit.systems.ensemble.members import write_members
        from massive_kit.systems.ensemble.system import EnsembleSystem

        write_members(folder, [(member.model, member.recipe()) for member in members])
        # What does not fit together is found before the run is there.
        EnsembleSystem.load(folder)
        return {
            key: sum(int(of_one[key]) for of_one in facts)
            for key in _ADDED
            if all(key in of_one for of_one in facts)
        }

    return ensemble.write(out, write_model)


def _title(titles: Sequence[str]) -> str:
    first = titles[0]
    if {*titles} == {first}:
        return f"{first} (ensemble of {len(titles)} runs)"
    return f"Ensemble of {len(titles)} runs: {', '.join(dict.fromkeys(titles))}"


def _problems(members: Sequence[RunFolder]) -> list[Problem]:
    """All reasons why finished runs cannot be put together."""
    problems = []
    if len({member.path.resolve() for member in members}) < len(members):
        problems.append(Problem("the runs", "one is named twice", "different runs"))
    fitting = []
    for member in members:
        kind = kind_of(member.recipe())
        if kind.distributions:
            fitting.append(member)
        else:
            expected = "a run that says how likely each label is"
            found = f"a run of kind {kind.name}"
            problems.append(Problem(str(member.path), found, expected))
    if not fitting:
        return problems
    first, *others = fitting
    for other in others:
        task, wanted = other.facts()["task"], first.facts()["task"]
        if task != wanted:
            where, expected = str(other.path / "run.json"), f"{wanted}, as {first.path}"
            todo = "`massive-kit configure RUN --out NEW --task TASK` gives a run another task"
            problems.append(Problem(where, f"its task is {task}", expected, todo))
        mine, theirs = read_inventory(first.model), read_inventory(other.model)
        problems += [
            Problem(
                str(other.model / "inventory.json"),
                f"its {what} are others",
                f"those of {first.path}",
            )
            for what in ("intents", "labels")
            if getattr(mine, what) != getattr(theirs, what)
        ]
    return problems + shared_ids(members)
