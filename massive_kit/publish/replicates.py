"""Stored resamples of systems: for ranks, for pair pages, and as files that a browser can read."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import orjson
from numpy.typing import NDArray

from massive_kit.breakdown.replicate_comparison import (
    RankBand,
    Replicates,
    bands_of,
    load_replicates,
)
from massive_kit.publish.model import Entry, metric_of
from massive_kit.publish.text import visible
from massive_kit.schema.metrics import MAIN_METRICS
from massive_kit.schema.scores import ScoreSet

# Deviations are stored as 16-bit integers, which is finer than any score is shown by far.
_SCALE = 32767


@lru_cache(maxsize=4)
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


Bands = dict[str, dict[str, RankBand]]


def bands(entries: Sequence[Entry], metric: str) -> Bands:
    """The rank bands of those systems that were resampled alike, by what is scored and system.

    Where systems were resampled in several ways, only the largest party can be tested.
    """
    at = MAIN_METRICS.index(metric)
    parties: dict[tuple[str, int], dict[str, Replicates]] = {}
    drawn: dict[str, NDArray[np.float32]] = {}
    for entry in entries:
        found = replicates_of(entry)
        if found is not None:
            # A copy of the one metric, so that the rest of the array can go.
            drawn[entry.key] = found.values[:, :, at].copy()
            bare = Replicates(found.keys, found.point, found.values[:0], found.weights)
            parties.setdefault((found.weights, len(found.values)), {})[entry.key] = bare
    if not parties:
        return {}
    party = parties[max(parties, key=lambda name: (len(parties[name]), name))]
    places = {name: {key: i for i, key in enumerate(one.keys)} for name, one in party.items()}
    made: Bands = {}
    for key in dict.fromkeys(key for one in party.values() for key in one.keys):
        names = [name for name in party if key in places[name]]
        points = np.array([party[name].point[places[name][key], at] for name in names])
        draws = np.array([drawn[name][:, places[name][key]] for name in names])
        made[key] = {band.system: band for band in bands_of(names, points, draws)}
    return made


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
        scaled, reach = _scaled(found)
        value["resampled"] = {
            "weights": found.weights,
            "count": len(found.values),
            "keys": found.keys,
            "point": found.point.tolist(),
            "reach": reach.tolist(),
            "deviations": base64.b64encode(scaled.tobytes()).decode(),
        }
    return f"massiveKit.receive({_json(value)});\n"


def _scaled(found: Replicates) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """Deviations from the scores, (keys, metrics, resamples), and the largest of each."""
    count, keys, metrics = found.values.shape
    scaled = np.zeros((keys, metrics, count), "<i2")
    reach = np.zeros((keys, metrics))
    # One metric at a time: with a thousand languages the whole would be large.
    for metric in range(metrics if count else 0):
        deviations = found.values[:, :, metric].T - found.point[:, metric, None]
        reach[:, metric] = np.abs(deviations).max(axis=1)
        deviations *= _SCALE / np.where(reach[:, metric] > 0, reach[:, metric], 1)[:, None]
        scaled[:, metric] = np.rint(deviations)
    return scaled, reach


def _points(entry: Entry) -> dict[str, list[float | None]]:
    named: dict[str, ScoreSet] = {
        **{f"average:{name}": one for name, one in entry.scores.averages.items()},
        **{f"locale:{name}": one for name, one in entry.scores.locales.items()},
    }
    return {visible(name): _values(one) for name, one in named.items()}


def _values(one: ScoreSet) -> list[float | None]:
    found = (metric_of(one, metric) for metric in MAIN_METRICS)
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
