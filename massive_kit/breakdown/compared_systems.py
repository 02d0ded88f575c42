"""Whether systems may be compared, and whether that is like with like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from massive_kit.errors import ContentError, Problem
from massive_kit.scoring.statistics import SufficientStatistics
from massive_kit.scoring.stats_file import StatsFile


@dataclass(frozen=True, slots=True)
class ComparedSystem:
    """What a system was allowed, and what it used.

    Attributes:
        name: Its name.
        task: The task that it was scored on.
        setting: The task's setting.
        resources: What it used beside the labels of its setting; `None` where that is not known.
    """

    name: str
    task: str
    setting: str
    resources: tuple[str, ...] | None

    @classmethod
    def of(cls, name: str, system: StatsFile) -> ComparedSystem:
        """What an evaluation keeps of it."""
        scored_on = system.scored_on
        resources = scored_on.resources
        used = None if resources is None else tuple(resources)
        return cls(name, scored_on.task, scored_on.setting, used)

    def is_like(self, other: ComparedSystem) -> bool:
        """Whether the other is of the same task, and not known to have used anything else."""
        known = self.resources is not None and other.resources is not None
        return self.task == other.task and not (known and self.resources != other.resources)


def refuse_unlike(paths: Sequence[Path], systems: Sequence[StatsFile]) -> None:
    """Refuses systems that are not scored on the same rows, counted alike.

    Args:
        paths: Where each is, for messages.
        systems: The first, and those that are compared with it.

    Raises:
        ContentError: Some are not.
    """
    problems = []
    first = systems[0]
    expected = _facts(first)
    for path, system in zip(paths[1:], systems[1:], strict=True):
        facts = _facts(system)
        unlike = [
            Problem(str(path), f"{name} {facts[name]}", f"{fact}, as {paths[0]}")
            for name, fact in expected.items()
            if facts[name] != fact
        ]
        if not unlike and not _same_rows(first.statistics, system.statistics):
            unlike = [Problem(str(path), "other utterances", f"those of {paths[0]}")]
        if not unlike and not _same_averages(first, system):
            given = f"{_averages(system)} ({system.scored_on.task})"
            unlike = [Problem(str(path), given, f"{_averages(first)}, as {paths[0]}")]
        problems += unlike
    if problems:
        raise ContentError("these scores cannot be compared", problems)


def _facts(system: StatsFile) -> dict[str, object]:
    scored_on = system.scored_on
    return {
        "split": scored_on.data.partition,
        "data hash": scored_on.data.hash,
        "compat": scored_on.compat or "no",
        "span scheme": scored_on.scheme,
        "locales": len(system.statistics.locales),
    }


def _same_averages(first: StatsFile, second: StatsFile) -> bool:
    """Whether means run over the same locales; they do within a task."""
    ours, theirs = first.scored_on, second.scored_on
    return ours.task == theirs.task or (ours.averaged, ours.genera) == (
        theirs.averaged,
        theirs.genera,
    )


def _averages(system: StatsFile) -> str:
    scored_on = system.scored_on
    locales, genera = scored_on.averaged, scored_on.genera
    return f"averages over {len(locales)} locales in {len(genera)} genera"


def _same_rows(first: SufficientStatistics, second: SufficientStatistics) -> bool:
    return (
        first.locales == second.locales
        and len(first) == len(second)
        and bool((first.locale == second.locale).all())
        and bool((first.ids == second.ids).all())
        and bool((first.gold == second.gold).all())
    )
