"""What a benchmark has of each group of languages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from massive_kit.analysis.coverage.benchmark import Benchmark
from massive_kit.languages.world.table import WorldLanguage, WorldTable


@dataclass(frozen=True, slots=True)
class GroupShare:
    """A group of languages in the world and in the benchmark.

    Attributes:
        name: Of the group.
        languages: How many living languages it has.
        covered: How many of them the benchmark has.
        speakers: Their users, where they were counted.
        covered_speakers: The users of those that the benchmark has.
        largest: The language with most users that the benchmark lacks, if any was counted.
        in_benchmark: Whether the benchmark has anything of it; a script may be that of a language
            whose usual script is another.
    """

    name: str
    languages: int
    covered: int
    speakers: int
    covered_speakers: int
    largest: WorldLanguage | None
    in_benchmark: bool


def group_shares(benchmark: Benchmark, world: WorldTable, by: str) -> list[GroupShare]:
    """The groups by a grouping, those with most users outside the benchmark first.

    Args:
        benchmark: What is covered.
        world: The world's languages.
        by: One of the groupings of the world's table.
    """
    members: dict[str, list[WorldLanguage]] = defaultdict(list)
    for language in world:
        if name := language.group(by):
            members[name].append(language)
    covered = benchmark.covers(by)
    shares = [
        _share(name, languages, benchmark, in_benchmark=name in covered)
        for name, languages in members.items()
    ]
    return sorted(shares, key=lambda share: (share.covered_speakers - share.speakers, share.name))


def _share(
    name: str, languages: list[WorldLanguage], benchmark: Benchmark, *, in_benchmark: bool
) -> GroupShare:
    inside = [language for language in languages if language.code in benchmark.languages]
    outside = [
        language
        for language in languages
        if language.code not in benchmark.languages and language.speakers
    ]
    return GroupShare(
        name,
        len(languages),
        len(inside),
        speakers_of(languages),
        speakers_of(inside),
        max(outside, key=lambda language: language.speakers or 0, default=None),
        in_benchmark,
    )


def speakers_of(languages: list[WorldLanguage]) -> int:
    """The users of several languages, counted once for each language that they use."""
    return sum(language.speakers or 0 for language in languages)
