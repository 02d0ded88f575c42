"""Systems by how the slots came from the source language: which compare, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

from massive_kit.breakdown.rank_bands import RankBand, bands_by_key
from massive_kit.breakdown.replicate_comparison import (
    OF_SLOT_METHODS,
    Replicates,
    load_replicates,
)
from massive_kit.publish.board_model import BoardModel, RankedSection, Standing
from massive_kit.publish.entries import Entry
from massive_kit.publish.ranking import order_key, placed
from massive_kit.schema.scores import SLOT_METHODS, Estimate, PartScores, SlotMethod

TITLE = "by how the data were made"
OVERVIEW = "averages/slot-methods.html"


@dataclass(frozen=True, slots=True)
class SectionParts:
    """The parts of a section whose systems were scored on rows that say `slot_method`.

    Attributes:
        ranked: The section.
        entries: Its systems that were scored on the same rows of each part.
        elsewhere: Those that were scored on other rows, which are not compared with these.
        bands: The ranks that paired tests leave open, by part and system.
    """

    ranked: RankedSection
    entries: tuple[Entry, ...]
    elsewhere: tuple[Entry, ...]
    bands: Mapping[str, Mapping[str, RankBand]]

    @property
    def silent(self) -> int:
        """How many systems were scored on no row that says so."""
        return len(self.ranked.standings) - len(self.entries) - len(self.elsewhere)

    @property
    def parts(self) -> list[SlotMethod]:
        """The parts that have utterances."""
        return [part for part in SLOT_METHODS if part in self.entries[0].scores.slot_methods]


def sections(model: BoardModel) -> list[SectionParts]:
    """The sections with systems that have such scores."""
    return model.once("slot method parts", lambda: _sections(model))


def parts(model: BoardModel) -> list[SlotMethod]:
    """The parts that any section has."""
    known = {
        part
        for ranked in model.sections
        for entry in ranked.entries
        for part in entry.scores.slot_methods
    }
    return [part for part in SLOT_METHODS if part in known]


def scores_of(entry: Entry, part: SlotMethod) -> PartScores | None:
    """The scores of a part."""
    return entry.scores.slot_methods.get(part)


def estimate_of(entry: Entry, part: SlotMethod, metric: str) -> Estimate | None:
    """A main metric of a part."""
    estimate: Estimate | None = getattr(scores_of(entry, part), metric, None)
    return estimate


def standings(model: BoardModel, section: SectionParts, part: SlotMethod) -> tuple[Standing, ...]:
    """The systems of a section by their score in a part; what cannot be placed comes last."""

    def score_of(entry: Entry, metric: str) -> Estimate | None:
        return estimate_of(entry, part, metric)

    metric = model.board.metric
    scored = [entry for entry in section.entries if score_of(entry, metric) is not None]
    scored.sort(key=lambda entry: order_key(entry, model.board, score_of))
    rest = [entry for entry in section.ranked.entries if entry not in scored]
    return (
        *placed(scored, section.bands.get(part, {}), len(scored)),
        *(Standing(entry, len(scored) + i, scored=False) for i, entry in enumerate(rest, 1)),
    )


def _sections(model: BoardModel) -> list[SectionParts]:
    made = []
    for ranked in model.sections:
        told = [entry for entry in ranked.entries if entry.scores.slot_methods]
        if not told:
            continue
        # Of several sets of rows, that of most systems; between as many, that of the best one.
        rows = Counter(map(_rows, told)).most_common(1)[0][0]
        alike = tuple(entry for entry in told if _rows(entry) == rows)
        others = tuple(entry for entry in told if _rows(entry) != rows)
        bands = bands_by_key(_replicates(alike), model.board.metric)
        made.append(SectionParts(ranked, alike, others, bands))
    return made


def _rows(entry: Entry) -> Hashable:
    """What of an entry must be the same for its parts to be compared with another's."""
    methods = entry.scores.slot_methods
    return tuple(
        (part, methods[part].n, tuple(sorted(methods[part].locales)))
        for part in SLOT_METHODS
        if part in methods
    )


def _replicates(entries: tuple[Entry, ...]) -> Iterator[tuple[str, Replicates]]:
    for entry in entries:
        replicates = load_replicates(entry.stats, OF_SLOT_METHODS) if entry.stats else None
        if replicates is not None:
            yield entry.key, replicates
