"""What the pages are made from: systems in sections, in order, with their ranks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from massive_kit.breakdown.replicate_comparison import RankBand
from massive_kit.languages import Group, Language, LanguageTable, groups
from massive_kit.languages.groupings import grouping_columns
from massive_kit.publish import paths
from massive_kit.publish.results import Result
from massive_kit.schema.board import Board, Section
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.scores import Estimate, Scores, ScoreSet

Made = TypeVar("Made")
PUBLISHED = "published, original scorer"


@dataclass(frozen=True)
class Entry:
    """One version of a system on the board."""

    manifest: Manifest
    scores: Scores
    folder: Path

    @cached_property
    def key(self) -> str:
        """Its name and version in one."""
        return paths.key(self.manifest)

    @cached_property
    def page(self) -> str:
        """Its page."""
        return paths.system_page(self.manifest)

    @property
    def published(self) -> bool:
        """Whether its numbers were copied from print."""
        return PUBLISHED in (self.manifest.scorer, self.scores.scorer)

    @property
    def statistics(self) -> Path | None:
        """Its `stats.npz`, if it has one."""
        path = self.folder / "stats.npz"
        return path if path.is_file() and not self.published else None

    def average(self, name: str) -> ScoreSet | None:
        """The scores of one average."""
        return next((value for key, value in self.scores.averages.items() if key == name), None)

    def headline(self, board: Board, metric: str | None = None) -> Estimate | None:
        """The score that ranks it, or another metric of the same average."""
        found = self.average(board.average)
        return None if found is None else metric_of(found, metric or board.metric)


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry's place in its section.

    Attributes:
        entry: The entry.
        place: Its position by score, from 1.
        low: The best rank that paired tests leave open; `None` where nothing can be tested.
        high: The worst one.
        alone: Whether it is the only entry, so that its place needs no test.
    """

    entry: Entry
    place: int
    low: int | None = None
    high: int | None = None
    alone: bool = False

    @property
    def tested(self) -> bool:
        """Whether its rank rests on tests; published rows have no statistics to test."""
        return self.low is not None

    @property
    def by_score_alone(self) -> bool:
        """Whether it stands before or after others without a test against them."""
        return not self.tested and not self.alone


@dataclass(frozen=True, slots=True)
class Ranked:
    """A section with its systems, best first; only the newest version of each stands here.

    Attributes:
        section: The section.
        standings: Its systems, best first.
        bands: Ranks that paired tests leave open, by what is scored (`locale:de-DE`) and system.
    """

    section: Section
    standings: tuple[Standing, ...]
    bands: Mapping[str, Mapping[str, RankBand]] = field(default_factory=dict)

    @property
    def entries(self) -> list[Entry]:
        """Its systems, best first."""
        return [standing.entry for standing in self.standings]

    @property
    def locales(self) -> list[str]:
        """The locales that any of its systems is averaged over."""
        return sorted({one for entry in self.entries for one in entry.scores.averaged})


@dataclass(frozen=True)
class Model:
    """Everything that the site shows."""

    board: Board
    base_url: str
    languages: LanguageTable
    sections: tuple[Ranked, ...]
    versions: tuple[Entry, ...]

    @cached_property
    def locales(self) -> list[str]:
        """All locales scored by anyone, sorted."""
        return sorted({locale for entry in self.versions for locale in entry.scores.locales})

    @cached_property
    def standings(self) -> dict[str, tuple[Ranked, Standing]]:
        """The section and standing of each entry that has one, by key."""
        return {
            standing.entry.key: (ranked, standing)
            for ranked in self.sections
            for standing in ranked.standings
        }

    @cached_property
    def groups(self) -> list[Group]:
        """The groups of the board's groupings, over all locales scored by anyone."""
        known = grouping_columns(self.languages)
        return [
            group
            for by in self.board.groupings
            if by in known
            for group in groups(self.languages, by, self.locales)
        ]

    @cached_property
    def group_pages(self) -> frozenset[str]:
        """The paths of all group pages."""
        return frozenset(paths.group_page(group.by, group.name) for group in self.groups)

    @cached_property
    def _known(self) -> dict[Hashable, Any]:
        return {}

    def name(self, locale: str) -> str:
        """The English name of a language, with its code where two locales share the name."""
        name = self.language(locale).name
        return f"{name} ({locale})" if self._names[name] > 1 else name

    @cached_property
    def _names(self) -> Counter[str]:
        return Counter(self.language(locale).name for locale in self.locales)

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` makes, made once: a language stands on hundreds of pages."""
        known = self._known
        if key not in known:
            known[key] = make()
        found: Made = known[key]
        return found

    def language(self, locale: str) -> Language:
        """What is known of a locale."""
        return self.languages[locale]


def metric_of(scores: ScoreSet, metric: str) -> Estimate | None:
    """A metric by name."""
    found = getattr(scores, metric, None) or scores.more.get(metric)
    return found if isinstance(found, Estimate) else None


def entries_of(results: Iterable[Result]) -> list[Entry]:
    """The entries of a results tree."""
    return [Entry(result.manifest, result.scores, result.folder) for result in results]


def sections_of(board: Board, entries: Sequence[Entry]) -> list[tuple[Section, list[Entry]]]:
    """The entries of each section: the board's own, then one for each task that fits none."""
    own: list[tuple[Section, list[Entry]]] = [(section, []) for section in board.sections]
    rest: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        task, setting = entry.scores.task, entry.scores.setting
        for section, members in own:
            if section.holds(task, setting):
                members.append(entry)
                break
        else:
            rest.setdefault((task, setting), []).append(entry)
    for (task, name), members in sorted(rest.items()):
        title = f"{task} ({name})"
        section = Section.model_construct(
            id=f"task-{paths.task_name(task)}-{name}",
            title=title,
            tasks=[task],
            settings=[],
            note="",
        )
        own.append((section, members))
    return [(section, newest(members)) for section, members in own if members]


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
