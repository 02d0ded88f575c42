"""Stored resamples of systems, which rank bands and paired tests are made from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from massive_kit.breakdown.replicate_comparison import (
    RankBand,
    Replicates,
    bands_by_key,
    load_replicates,
)
from massive_kit.publish.entries import Entry

Bands = dict[str, dict[str, RankBand]]


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


def bands(entries: Sequence[Entry], metric: str) -> Bands:
    """The rank bands of those systems that were resampled alike, by what is scored and system."""
    resampled = (
        (entry.key, replicates)
        for entry in entries
        if (replicates := replicates_of(entry)) is not None
    )
    return bands_by_key(resampled, metric)
