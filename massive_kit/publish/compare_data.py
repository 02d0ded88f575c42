"""The script files that the compare page reads: scores and resamples of systems.

Pages opened from `file://` may not fetch, but they may load scripts.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import orjson
from numpy.typing import NDArray

from massive_kit.breakdown.replicate_comparison import Replicates
from massive_kit.publish.entries import Entry, estimate_of
from massive_kit.publish.replicates import replicates_of
from massive_kit.publish.text import safe_text
from massive_kit.schema.metrics import MAIN_METRICS
from massive_kit.schema.scores import ScoreSet

# Deviations are stored as 16-bit integers, which is finer than any score is shown by far; the least
# of these stands for a resample on which the score is not defined.
_SCALE = 32767
_UNDEFINED = -32768
# Stands for the span scheme in what two systems must share.
_SCHEMES = {"runs": "", "brackets": " brackets"}


def system_script(entry: Entry, section: str) -> str:
    """A script file that hands one system's scores and resamples to the compare page."""
    replicates = replicates_of(entry)
    value: dict[str, object] = {
        "key": entry.key,
        "title": safe_text(entry.manifest.title),
        "section": safe_text(section),
        "published": entry.published,
        # Systems whose spans are not counted alike are not compared, nor those on other utterances.
        "data": _digest(
            entry.scores.data.partition
            + _SCHEMES[entry.scores.scheme]
            + (entry.scores.data.subset or "")
        ),
        "averaged": _digest("\n".join(sorted(entry.scores.averaged))),
        "scores": _points(entry),
    }
    if replicates is not None:
        scaled, reach = _scaled(replicates)
        value["resampled"] = {
            "weights": replicates.weights,
            "count": len(replicates.values),
            "keys": replicates.keys,
            "point": replicates.point.tolist(),
            "reach": reach.tolist(),
            "deviations": base64.b64encode(scaled.tobytes()).decode(),
        }
    return f"massiveKit.receive({_json(value)});\n"


def list_script(systems: Sequence[Mapping[str, str]], languages: Mapping[str, str]) -> str:
    """A script file that lists the systems and the names of the languages."""
    return f"massiveKit.list({_json({'systems': systems, 'languages': languages})});\n"


def _scaled(replicates: Replicates) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
    """Deviations from the scores, (keys, metrics, resamples), and the largest of each.

    `compare.js` reads `_UNDEFINED` as no score on that resample, and a score of NaN as `null`.
    """
    count, keys, metrics = replicates.values.shape
    scaled = np.zeros((keys, metrics, count), "<i2")
    reach = np.zeros((keys, metrics))
    # One metric at a time: with a thousand languages the whole would be large.
    for metric in range(metrics if count else 0):
        deviations = replicates.values[:, :, metric].T - replicates.point[:, metric, None]
        undefined = np.isnan(deviations)
        deviations[undefined] = 0
        reach[:, metric] = np.abs(deviations).max(axis=1)
        deviations *= _SCALE / np.where(reach[:, metric] > 0, reach[:, metric], 1)[:, None]
        scaled[:, metric] = np.where(undefined, _UNDEFINED, np.rint(deviations))
    return scaled, reach


def _points(entry: Entry) -> dict[str, list[float | None]]:
    averages, locales = entry.scores.averages.items(), entry.scores.locales.items()
    score_sets: dict[str, ScoreSet] = {
        **{f"average:{name}": scores for name, scores in averages},
        **{f"locale:{name}": scores for name, scores in locales},
    }
    return {safe_text(key): _values(scores) for key, scores in score_sets.items()}


def _values(scores: ScoreSet) -> list[float | None]:
    estimates = (estimate_of(scores, metric) for metric in MAIN_METRICS)
    return [None if estimate is None else round(estimate.value, 7) for estimate in estimates]


def _json(value: object) -> str:
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    # Harmless in a file of its own; escaped all the same, should anyone ever inline it.
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
