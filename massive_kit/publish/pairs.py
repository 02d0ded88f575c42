"""Pairs of systems: which of them get a page, and the paired tests between two."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice

from massive_kit.breakdown.replicate_comparison import PairedDifference, paired_differences
from massive_kit.publish.board_model import BoardModel, RankedSection
from massive_kit.publish.entries import Entry, estimate_of
from massive_kit.publish.replicates import replicates_of
from massive_kit.publish.text import safe_text

# With very many languages fewer pairs get a page: a page holds a row for each.
_MOST_ROWS, _FEWEST = 12_000, 3


@dataclass(frozen=True, slots=True)
class Pair:
    """Two systems of a section, the better one first."""

    section: RankedSection
    first: Entry
    second: Entry

    @property
    def page(self) -> str:
        """Where its page lies."""
        return f"compare/{self.first.key}/{self.second.key}.html"


@dataclass(frozen=True, slots=True)
class PairTests:
    """The paired tests of two systems.

    Attributes:
        tests: By what is scored, such as `locale:de-DE`, and metric; none where none can be made.
        refusal: Why there are none.
    """

    tests: dict[tuple[str, str], PairedDifference]
    refusal: str = ""


def pairs(model: BoardModel) -> list[Pair]:
    """The pairs that get a page: those among the best of each section, up to the board's limit."""
    return model.once("pairs", lambda: _pairs(model))


def _pairs(model: BoardModel) -> list[Pair]:
    chosen: list[Pair] = []
    for ranked in model.sections:
        entries = ranked.entries
        every = (
            Pair(ranked, entries[i], entries[j]) for j in range(len(entries)) for i in range(j)
        )
        limit = min(model.board.static_pairs, max(_FEWEST, _MOST_ROWS // len(ranked.locales)))
        chosen += islice(every, limit)
    return chosen


def paired_tests(first: Entry, second: Entry, among: Collection[str] | None = None) -> PairTests:
    """The paired tests of two systems, or none and the reason why.

    Args:
        first: A system.
        second: Another one.
        among: What is tested, such as `average:pooled`; by default all that both have.
    """
    before, after = replicates_of(first), replicates_of(second)
    for entry, replicates in ((first, before), (second, after)):
        if replicates is None:
            why = (
                "its numbers were copied from print"
                if entry.published
                else "it was added without its stats.npz"
            )
            title = safe_text(entry.manifest.title)
            return PairTests({}, f"No paired test: {title} has no statistics, as {why}.")
    assert before is not None
    assert after is not None
    if first.scores.scheme != second.scores.scheme:
        return PairTests({}, "No paired test: the spans of the two are not counted alike.")
    if not before.comparable(after):
        why = "the two were not resampled alike (utterances, resamples, seed)"
        return PairTests({}, f"No paired test: {why}.")
    averages = averaged_alike(first, second)
    keys = [
        key
        for key in before.keys
        if key in after.keys
        and (among is None or key in among)
        and (averages or not key.startswith("average:"))
    ]
    tests = paired_differences(before, after, keys)
    return PairTests(
        {
            (test.key, test.metric): test
            for test in tests
            if comparable(first, second, test.key, test.metric)
        }
    )


def averaged_alike(first: Entry, second: Entry) -> bool:
    """Whether the averages of two systems run over the same languages."""
    return sorted(first.scores.averaged) == sorted(second.scores.averaged)


def comparable(first: Entry, second: Entry, key: str, metric: str) -> bool:
    """Whether two scores may be subtracted: means only where they lack the same languages."""
    if not key.startswith("average:macro"):
        return True
    return _without(first, metric) == _without(second, metric)


def _without(entry: Entry, metric: str) -> set[str]:
    scores = entry.scores
    return {
        locale
        for locale in scores.averaged
        if locale in scores.locales and estimate_of(scores.locales[locale], metric) is None
    }
