"""Stored resamples of systems, which rank bands, paired tests and further means are made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from massive_kit.breakdown.chosen_means import MeanMaker
from massive_kit.breakdown.rank_bands import RankBand, bands_by_key
from massive_kit.breakdown.replicate_comparison import Replicates, load_replicates
from massive_kit.publish.board_model import SystemMeans
from massive_kit.publish.entries import Entry

Bands = dict[str, dict[str, RankBand]]


@dataclass(frozen=True, slots=True)
class SectionStatistics:
    """What the systems of a section are together.

    Attributes:
        bands: The ranks that paired tests leave open, by what is scored and system.
        means: The means that a reader may choose, by system.
    """

    bands: Bands
    means: Mapping[str, SystemMeans]


@lru_cache(maxsize=4)
def _load(path: Path, stamp: float) -> Replicates | None:
    del stamp
    return load_replicates(path)


def replicates_of(entry: Entry) -> Replicates | None:
    """The resamples of a system, or `None` where there are none to test with.

    Raises:
        MassiveKitError: Its `stats.npz` cannot be read.
    """
    path = entry.stats
    return None if path is None else _load(path, path.stat().st_mtime)


def statistics(entries: Sequence[Entry], metric: str, maker: MeanMaker) -> SectionStatistics:
    """The means of all systems, and the rank bands of those that were resampled alike.

    Each file of resamples is read once, and one after the other.

    Args:
        entries: The systems.
        metric: The metric that ranks.
        maker: Makes the means.
    """
    means: dict[str, SystemMeans] = {}

    def resampled() -> Iterator[tuple[str, Replicates]]:
        for entry in entries:
            replicates = replicates_of(entry)
            made = maker.of(entry.scores.averaged, entry.scores.locales, replicates)
            means[entry.key] = SystemMeans(made.scores, made.worst)
            if replicates is not None:
                yield entry.key, made.replicates or replicates

    bands = bands_by_key(resampled(), metric)
    return SectionStatistics(bands, means)
