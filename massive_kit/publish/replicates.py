"""Stored resamples of systems: for ranks, for pair pages, and as files that a browser can read."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import orjson

from massive_kit.breakdown.pairs import RankBand, Replicates, load_replicates, rank_bands
from massive_kit.publish.model import Entry, metric_of
from massive_kit.publish.text import visible
from massive_kit.schema.scores import METRICS, ScoreSet

# Deviations are stored as 16-bit integers, which is finer than any score is shown by far.
_SCALE = 32767


@lru_cache(maxsize=12)
def _load(path: str, stamp: float) -> Replicates | None:
    from pathlib import Path

    del stamp
    return load_replicates(Path(path))


def replicates_of(entry: Entry) -> Replicates | None:
    """The resamples of a system, or `None` where there are none to test with.

    Raises:
        MassiveKitError: Its `stats.npz` cannot be read.
    """
    path = entry.statistics
    return None if path is None else _load(str(path), path.stat().st_mtime)


def bands(entries: Sequence[Entry], key: str, metric: str) -> dict[str, RankBand]:
    """The rank bands of those systems that were resampled alike, by key.

    Where systems were resampled in several ways, only the largest party can be tested.
    """
    parties: dict[tuple[str, int], dict[str, Replicates]] = {}
    for entry in entries:
        found = replicates_of(entry)
        if found is None or key not in found.keys:
            continue
        at = found.keys.index(key)
        # A copy of the one key, so that the rest of the array can go.
        own = Replicates(
            (key,), found.point[at : at + 1], found.values[:, at : at + 1].copy(), found.weights
        )
        parties.setdefault((own.weights, len(own.values)), {})[entry.key] = own
    if not parties:
        return {}
    largest = max(parties, key=lambda name: (len(parties[name]), name))
    return {band.system: band for band in rank_bands(parties[largest], key, metric)}


def script(entry: Entry, section: str) -> str:
    """A script file that hands one system's scores and resamples to the compare page.

    Pages opened from `file://` may not fetch, but they may load scripts.
    """
    found = replicates_of(entry)
    value: dict[str, object] = {
        "key": entry.key,
        "title": visible(entry.manifest.title),
        "section": visible(section),
        "published": entry.published,
        "data": _digest(entry.scores.data.partition),
        "averaged": _digest("\n".join(sorted(entry.scores.averaged))),
        "scores": _points(entry),
    }
    if found is not None:
        # Two dimensions more would only slow the reader's browser: key by key, metric by metric.
        deviations = found.values.astype(np.float64).transpose(1, 2, 0) - found.point[:, :, None]
        reach = np.abs(deviations).max(axis=2) if len(found.values) else np.zeros_like(found.point)
        scaled = np.rint(deviations / np.where(reach > 0, reach, 1)[:, :, None] * _SCALE)
        value["resampled"] = {
            "weights": found.weights,
            "count": len(found.values),
            "keys": found.keys,
            "point": found.point.tolist(),
            "reach": reach.tolist(),
            "deviations": base64.b64encode(scaled.astype("<i2").tobytes()).decode(),
        }
    return f"massiveKit.receive({_json(value)});\n"


def _points(entry: Entry) -> dict[str, list[float | None]]:
    named: dict[str, ScoreSet] = {
        **{f"average:{name}": one for name, one in entry.scores.averages.items()},
        **{f"locale:{name}": one for name, one in entry.scores.locales.items()},
    }
    return {visible(name): _values(one) for name, one in named.items()}


def _values(one: ScoreSet) -> list[float | None]:
    found = (metric_of(one, metric) for metric in METRICS)
    return [None if value is None else round(value.value, 7) for value in found]


def directory(model_rows: Sequence[Mapping[str, str]], languages: Mapping[str, str]) -> str:
    """A script file that lists the systems and the names of the languages."""
    return f"massiveKit.list({_json({'systems': model_rows, 'languages': languages})});\n"


def _json(value: object) -> str:
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    # Harmless in a file of its own; escaped all the same, should anyone ever inline it.
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
