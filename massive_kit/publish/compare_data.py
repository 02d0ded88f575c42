"""The script files that the compare page reads: scores and resamples of systems.

Pages opened from `file://` may not fetch, but they may load scripts.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from massive_kit.breakdown.replicate_comparison import Replicates
from massive_kit.publish.entries import Entry, estimate_of
from massive_kit.publish.replicates import replicates_of
from massive_kit.publish.text import safe_text
from massive_kit.schema.metrics import MAIN_METRICS
from massive_kit.schema.scores import ScoreSet

# Deviations from a score are whole numbers of a step, of one byte or two. A share of n utterances
# moves by whole n-ths, so that a byte holds it as it is; else the steps are finer than any score is
# shown by far. The least number stands for a resample on which the score is not defined.
_NARROW, _WIDE = np.iinfo(np.int8), np.iinfo(np.int16)
# What single precision makes of a whole number of n-ths, at most.
_WHOLE = 0.01
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
        utterances = [_utterances(entry, key) for key in replicates.keys]
        packed = _packed(replicates, np.array(utterances, np.int64))
        value["resampled"] = {
            "weights": replicates.weights,
            "count": len(replicates.values),
            "keys": replicates.keys,
            "point": replicates.point.tolist(),
            "steps": packed.steps.tolist(),
            "bytes": packed.widths.tolist(),
            "packed": base64.b64encode(packed.content).decode(),
        }
    return f"massiveKit.receive({_json(value)});\n"


def list_script(systems: Sequence[Mapping[str, str]], languages: Mapping[str, str]) -> str:
    """A script file that lists the systems and the names of the languages."""
    return f"massiveKit.list({_json({'systems': systems, 'languages': languages})});\n"


@dataclass(frozen=True, slots=True)
class _Packed:
    """Resamples as `compare.js` reads them.

    Attributes:
        steps: Shape (keys, metrics), what a deviation of 1 stands for.
        widths: Shape (keys, metrics), the bytes of a deviation.
        content: The deviations, resample by resample, of each metric of each key.
    """

    steps: NDArray[np.float64]
    widths: NDArray[np.int64]
    content: bytes


def _packed(replicates: Replicates, utterances: NDArray[np.int64]) -> _Packed:
    """Deviations from the scores; `compare.js` reads a score of NaN as `null`.

    Args:
        replicates: The scores.
        utterances: Shape (keys,), how many utterances each score is of; 0 where that is not known.
    """
    count, keys, metrics = replicates.values.shape
    steps, widths = np.zeros((keys, metrics)), np.full((keys, metrics), 2)
    columns: list[list[bytes]] = [[] for _ in range(keys)]
    # One metric at a time: with a thousand languages the whole would be large.
    for metric in range(metrics if count else 0):
        deviations = replicates.values[:, :, metric].T - replicates.point[:, metric, None]
        undefined = np.isnan(deviations)
        deviations[undefined] = 0
        shares = deviations * utterances[:, None]
        whole = np.rint(shares)
        narrow = (np.abs(shares - whole) < _WHOLE).all(axis=1) & (utterances > 0)
        narrow &= np.abs(whole).max(axis=1) <= _NARROW.max
        reach = np.abs(deviations).max(axis=1)
        steps[:, metric] = np.where(narrow, 1 / np.maximum(utterances, 1), reach / _WIDE.max)
        widths[narrow, metric] = 1
        deviations /= np.where(steps[:, metric] > 0, steps[:, metric], 1)[:, None]
        for key, deviation in enumerate(np.rint(deviations)):
            deviation[undefined[key]] = _NARROW.min if narrow[key] else _WIDE.min
            columns[key].append(deviation.astype("<i1" if narrow[key] else "<i2").tobytes())
    return _Packed(steps, widths, b"".join(part for parts in columns for part in parts))


def _utterances(entry: Entry, key: str) -> int:
    scores = entry.scores.locales.get(key.removeprefix("locale:"))
    return scores.n if scores else 0


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
