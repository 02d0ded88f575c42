"""What the pages are made from: systems in sections, in order, with their ranks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from massive_kit.breakdown.rank_bands import RankBand
from massive_kit.counted import counted
from massive_kit.languages import Group, Language, LanguageTable, groups
from massive_kit.languages.groupings import grouping_columns
from massive_kit.publish import paths
from massive_kit.publish.entries import Entry
from massive_kit.schema.board import FACTS, IN_CONTEXT, IN_CONTEXT_FACTS, Board, Section
from massive_kit.schema.board_forecasts import BoardForecasts
from massive_kit.schema.metrics import MAIN_METRICS, ChosenMean, Mean, Metric
from massive_kit.schema.scores import MeanScores

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry's place in its section.

    Attributes:
        entry: The entry.
        place: Its position by score, from 1.
        low: The best rank that paired tests leave open; `None` where nothing can be tested.
        high: The worst one.
        alone: Whether it is the only entry, so that its place needs no test.
        scored: Whether it has the score that ranks; without one it comes last and has no rank.
    """

    entry: Entry
    place: int
    low: int | None = None
    high: int | None = None
    alone: bool = False
    scored: bool = True

    @property
    def tested(self) -> bool:
        """Whether its rank rests on tests; published rows have no statistics to test."""
        return self.low is not None

    @property
    def by_score_alone(self) -> bool:
        """Whether it stands before or after others without a test against them."""
        return self.scored and not self.tested and not self.alone


@dataclass(frozen=True, slots=True)
class SystemMeans:
    """Means over languages that a reader may choose, beside the averages of `scores.json`.

    Attributes:
        scores: By mean; one that is not defined is absent.
        worst: The locales of the mean over the worst ones, worst first.
    """

    scores: Mapping[ChosenMean, MeanScores] = field(default_factory=dict)
    worst: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RankedSection:
    """A section with its systems, best first; only the newest version of each is in it.

    Attributes:
        section: The section.
        standings: Its systems, best first.
        bands: Ranks that paired tests leave open, by what is scored (`locale:de-DE`) and system.
        means: The means that a reader may choose, by system.
        versions: All versions of its systems, older ones too.
    """

    section: Section
    standings: tuple[Standing, ...]
    bands: Mapping[str, Mapping[str, RankBand]] = field(default_factory=dict)
    means: Mapping[str, SystemMeans] = field(default_factory=dict)
    versions: tuple[Entry, ...] = ()

    @property
    def entries(self) -> list[Entry]:
        """Its systems, best first."""
        return [standing.entry for standing in self.standings]

    @property
    def locales(self) -> list[str]:
        """The locales that any of its systems is averaged over."""
        return sorted({locale for entry in self.entries for locale in entry.scores.averaged})

    def means_of(self, entry: Entry) -> SystemMeans:
        """The chosen means of one of its systems."""
        return self.means.get(entry.key, SystemMeans())

    def mean(self, entry: Entry, mean: Mean) -> MeanScores | None:
        """The scores of one of its systems under any mean."""
        chosen = self.means_of(entry).scores
        return next((chosen[name] for name in chosen if name == mean), entry.average(mean))


@dataclass(frozen=True)
class BoardModel:
    """Everything that the site shows.

    Attributes:
        board: What `board.yaml` says.
        base_url: Where the site will stand; empty where that is not known.
        languages: The language table.
        sections: The sections that hold systems.
        versions: All versions of all systems.
        root: The leaderboard's folder.
        results: The results tree.
        forecasts: Forecasts of systems where they were not measured, by key.
    """

    board: Board
    base_url: str
    languages: LanguageTable
    sections: tuple[RankedSection, ...]
    versions: tuple[Entry, ...]
    root: Path
    results: Path
    forecasts: Mapping[str, BoardForecasts] = field(default_factory=dict)

    @property
    def metrics(self) -> list[Metric]:
        """The metrics in the order of columns: the one that ranks comes first."""
        main = self.board.metric
        return [main, *(metric for metric in MAIN_METRICS if metric != main)]

    @cached_property
    def locales(self) -> list[str]:
        """All locales scored by anyone, sorted."""
        return sorted({locale for entry in self.versions for locale in entry.scores.locales})

    @cached_property
    def standings(self) -> dict[str, tuple[RankedSection, Standing]]:
        """The section and standing of each entry that has one, by key."""
        return {
            standing.entry.key: (ranked, standing)
            for ranked in self.sections
            for standing in ranked.standings
        }

    def section_of(self, entry: Entry) -> RankedSection | None:
        """The section of a version, of an older one too."""
        return self._sections.get(entry.key)

    @cached_property
    def _sections(self) -> dict[str, RankedSection]:
        return {entry.key: ranked for ranked in self.sections for entry in ranked.versions}

    @cached_property
    def versions_of(self) -> dict[str, list[Entry]]:
        """All versions of each system, by its name."""
        versions: dict[str, list[Entry]] = {}
        for entry in self.versions:
            versions.setdefault(entry.manifest.system, []).append(entry)
        return versions

    @cached_property
    def groups(self) -> list[Group]:
        """The groups of the board's groupings, over all locales scored by anyone."""
        columns = grouping_columns(self.languages)
        return [
            group
            for by in self.board.groupings
            if by in columns
            for group in groups(self.languages, by, self.locales)
        ]

    @cached_property
    def group_pages(self) -> frozenset[str]:
        """The paths of all group pages."""
        return frozenset(paths.group_page(group.by, group.name) for group in self.groups)

    @cached_property
    def _made(self) -> dict[Hashable, Any]:
        return {}

    def name(self, locale: str) -> str:
        """The English name of a language, with its code where two locales share the name."""
        name = self.language(locale).name
        return f"{name} ({locale})" if self._names[name] > 1 else name

    @cached_property
    def _names(self) -> Counter[str]:
        return Counter(self.language(locale).name for locale in self.locales)

    def once(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What `make` makes, made once: a language is on hundreds of pages."""
        if key not in self._made:
            self._made[key] = make()
        value: Value = self._made[key]
        return value

    def language(self, locale: str) -> Language:
        """What is known of a locale."""
        return self.languages[locale]


def sections_of(board: Board, entries: Sequence[Entry]) -> list[tuple[Section, list[Entry]]]:
    """All versions in each section: the board's own, then one for each task that fits none."""
    sections: list[tuple[Section, list[Entry]]] = [(section, []) for section in board.sections]
    rest: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in entries:
        task, setting, subset = entry.scores.task, entry.setting, entry.scores.data.subset
        for section, members in sections:
            if section.holds(task, setting, subset):
                members.append(entry)
                break
        else:
            rest.setdefault((task, setting, subset or ""), []).append(entry)
    for (task, name, part), members in sorted(rest.items()):
        ending = f", {part_of_test(part)}" if part else ""
        section = Section.model_construct(
            id=f"task-{paths.task_name(task)}-{name}" + f"-{part}".replace("@", "-") * bool(part),
            title=f"{task} ({name}){ending}",
            tasks=[task],
            settings=[],
            subset=part or None,
            columns=[*(IN_CONTEXT_FACTS if name == IN_CONTEXT else FACTS)],
            note="",
        )
        sections.append((section, members))
    return [(section, members) for section, members in sections if members]


def part_of_test(subset: str) -> str:
    """What a subset is called for people, such as `200 utterances of each language`."""
    return f"{counted(int(subset.partition('@')[0]), 'utterance')} of each language"


def newest(entries: Sequence[Entry]) -> list[Entry]:
    """The newest version of each system: by date, then by version as people count."""
    best: dict[str, Entry] = {}
    for entry in entries:
        other = best.get(entry.manifest.system)
        if other is None or _age(other) < _age(entry):
            best[entry.manifest.system] = entry
    return list(best.values())


def _age(entry: Entry) -> tuple[str, list[tuple[int, int, str]]]:
    parts: list[tuple[int, int, str]] = []
    for part in entry.manifest.version.replace("-", ".").replace("_", ".").split("."):
        digits = part.lstrip("v")
        # Decimal digits of other scripts cannot occur: a version is ASCII.
        parts.append((1, int(digits), "") if digits.isdigit() else (0, 0, part))
    return entry.manifest.date.isoformat(), parts
