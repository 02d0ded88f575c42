"""Several runs that are asked together as a run: one system, at the cost of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from massive_kit.errors import ConfigError, Problem, UsageError
from massive_kit.runs.average_checks import shared_ids
from massive_kit.runs.folder import RunFolder
from massive_kit.runs.joined_data import joined_data
from massive_kit.runs.loading import load_system
from massive_kit.runs.run_of_runs import RunOfRuns, check_free
from massive_kit.systems.kind import Facts, MemberRun, kind_of, kinds
from massive_kit.systems.recipes import parse_recipe

_FEWEST = 2
# Facts of members that are added up.
_SUMMED = ("parameters", "parameters_without_embeddings")


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
    loaded = [
        MemberRun(str(member.path), member.model, member.recipe(), load_system(member.path))
        for member in members
    ]
    kind = kinds()["ensemble"]
    titles = [str(member_facts["title"]) for member_facts in facts]
    values = {
        "kind": kind.name,
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
        joined_data([member_facts["data"] for member_facts in facts]),
    )

    def write_model(folder: Path) -> Facts:
        kind.assemble(loaded, folder)
        return {
            key: sum(int(member_facts[key]) for member_facts in facts)
            for key in _SUMMED
            if all(key in member_facts for member_facts in facts)
        }

    return ensemble.write(out, write_model)


def _title(titles: Sequence[str]) -> str:
    first = titles[0]
    if {*titles} == {first}:
        return f"{first} (ensemble of {len(titles)} runs)"
    return f"Ensemble of {len(titles)} runs: {', '.join(dict.fromkeys(titles))}"


def _problems(members: Sequence[RunFolder]) -> list[Problem]:
    """All reasons why finished runs cannot be put together."""
    times = Counter(member.path.resolve() for member in members)
    problems = [
        Problem(str(path), f"it is named {count} times", "once")
        for path, count in times.items()
        if count > 1
    ]
    for member in members:
        kind, todo = kind_of(member.recipe()), ""
        if kind.assemble_path:
            todo = "name the runs that it is made of; what comes of them can be glossed"
        elif kind.distributions:
            continue
        expected = "a single run that says how likely each label is"
        problems.append(Problem(str(member.path), f"a run of kind {kind.name}", expected, todo))
    first, *others = members
    wanted = first.facts()["task"]
    todo = "`massive-kit configure RUN --out NEW --task TASK`, where the task has the same rows"
    for other in others:
        if (task := other.facts()["task"]) != wanted:
            where, expected = str(other.path / "run.json"), f"{wanted}, as {first.path}"
            problems.append(Problem(where, f"its task is {task}", expected, todo))
    return problems + shared_ids(members)
