"""One version of one system on the board."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from massive_kit.publish import paths
from massive_kit.schema.board import IN_CONTEXT, Board
from massive_kit.schema.manifest import Manifest
from massive_kit.schema.metrics import METRIC_INFO
from massive_kit.schema.scores import Estimate, GroupScores, MeanScores, Scores, ScoreSet

PUBLISHED = "published, original scorer"
STATS = "stats.npz"


@dataclass(frozen=True)
class Entry:
    """One version of a system on the board.

    Attributes:
        manifest: What it says of itself.
        scores: What it scores.
        folder: Where it lies in the results tree.
    """

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
    def setting(self) -> str:
        """The setting that it is ranked in: that of its task, or of language models asked."""
        return IN_CONTEXT if self.manifest.in_context else self.scores.setting

    @property
    def utterances(self) -> int:
        """How many utterances were scored."""
        return sum(scores.n for scores in self.scores.locales.values())

    @property
    def scored_on(self) -> Hashable:
        """What must be the same for two scores to be compared: the data, and how they count."""
        scores, data = self.scores, self.scores.data
        what = (data.name, data.version, data.partition, data.subset)
        return what, scores.scheme, scores.compat, scores.scorer

    @property
    def stats(self) -> Path | None:
        """The file with its resampled scores, which paired tests need, if it has one."""
        path = self.folder / STATS
        return path if path.is_file() and not self.published else None

    def average(self, name: str) -> MeanScores | None:
        """The scores of one average."""
        return next((scores for key, scores in self.scores.averages.items() if key == name), None)

    def headline(self, board: Board, metric: str | None = None) -> Estimate | None:
        """The score that ranks it, or another metric of the same average."""
        return estimate_of(self.average(board.average), metric or board.metric)


def estimate_of(scores: ScoreSet | None, metric: str) -> Estimate | None:
    """A metric by name, where it was scored."""
    if scores is None:
        return None
    estimate = getattr(scores, metric, None) or scores.more.get(metric)
    return estimate if isinstance(estimate, Estimate) else None


def languages_in_mean(scores: GroupScores, metric: str) -> int:
    """Over how many languages a group's mean of a metric runs."""
    return scores.over.get(metric, len(scores.locales))


def averaged_over(entry: Entry, metric: str) -> int:
    """Over how many languages an entry's averages of a metric run."""
    averages = entry.scores.averages.values()
    return min(
        (scores.over[metric] for scores in averages if metric in scores.over),
        default=len(entry.scores.averaged),
    )


def best(scores: Iterable[Estimate | None], metric: str) -> Estimate | None:
    """The best of some scores of a metric, where there is any."""
    known = [score for score in scores if score is not None]
    return max(known, key=lambda score: merit(score, metric), default=None)


def merit(score: Estimate | None, metric: str) -> float:
    """What to order scores by: larger is better, whichever way the metric runs; no score is worst.

    Args:
        score: The score.
        metric: Which metric it is of.
    """
    return float("-inf") if score is None else METRIC_INFO[metric].gain(score.value)
