"""Scores by the number of labelled utterances: a curve for each language, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from massive_kit.breakdown.tables import Cell, Table, columns
from massive_kit.languages import LanguageTable

POOLED = "pooled"
# Two numbers are fitted, and one is needed to say how far off they are.
_LEAST = 3
# Beyond this a curve says no more than that it is far.
_FAR = 1e6
_SPREAD = (
    "mean over runs, and their standard deviation, which holds both other draws of rows and other"
    " seeds of training; percent"
)
_CURVE = (
    "a + b log(1 + k), k utterances of each intent: least squares over runs, ± one standard error"
)
_WORTH = "is worth: so many utterances of each intent the first recipe needs, by its curve"


@dataclass(frozen=True, slots=True)
class LadderFit:
    """`start + gain * log(1 + k)`, fitted by least squares.

    Scores that were predicted for languages nobody had labelled grew by the logarithm of the
    number of labelled rows (Muller et al. 2023, "Languages You Know Influence Those You Learn").

    Attributes:
        start: The score without a labelled utterance.
        gain: What e times as many (plus one) add.
        start_error: Its standard error, over runs.
        gain_error: That of the gain.
    """

    start: float
    gain: float
    start_error: float
    gain_error: float

    def worth(self, score: float) -> float | None:
        """How many utterances of each intent reach a score; `None` where more do not help."""
        if self.gain <= 0:
            return None
        return float(max(np.expm1(min((score - self.start) / self.gain, 50.0)), 0.0))


def fit_ladder(
    shots: Sequence[int] | NDArray[np.int64], scores: Sequence[float] | NDArray[np.float64]
) -> LadderFit | None:
    """The curve through n runs; `None` of fewer than three, or where all have as many utterances.

    Args:
        shots: Shape (n,), labelled utterances of each intent.
        scores: Shape (n,), between 0 and 1.
    """
    logs, values = np.log1p(np.asarray(shots, float)), np.asarray(scores, float)
    if len(logs) < _LEAST or len({*logs.tolist()}) == 1:
        return None
    spread = float(((logs - logs.mean()) ** 2).sum())
    gain = float(((logs - logs.mean()) * (values - values.mean())).sum() / spread)
    start = float(values.mean() - gain * logs.mean())
    left = values - start - gain * logs
    variance = float((left**2).sum()) / (len(logs) - 2)
    return LadderFit(
        start,
        gain,
        float(np.sqrt(variance * (1 / len(logs) + logs.mean() ** 2 / spread))),
        float(np.sqrt(variance / spread)),
    )


def ladder_table(
    metric: str,
    title: str,
    runs: Mapping[str, Sequence[tuple[int, float]]],
    languages: LanguageTable,
    *,
    plain: Mapping[str, LadderFit] | None = None,
    whole: Mapping[str, Sequence[float]] | None = None,
) -> Table:
    """A row for each locale: the mean score at each number of utterances, and the curve.

    Args:
        metric: Key of the metric.
        title: Its name, and what the runs have in common.
        runs: For each locale, or `pooled`, how many utterances and which score a run has.
        languages: Names of languages.
        plain: Curves of the runs that others are held against.
        whole: For each of them, the scores of runs that learnt all utterances; no curve goes
            through them, since each intent has another number.
    """
    steps = sorted({shots for points in runs.values() for shots, _score in points})
    rows: list[tuple[Cell, ...]] = []
    for locale, points in runs.items():
        shots = np.array([step for step, _score in points])
        scores = np.array([score for _step, score in points])
        cells: list[Cell] = [locale, "" if locale == POOLED else languages[locale].name]
        for step in steps:
            of_step = scores[shots == step]
            cells.append(_mean_and_spread(of_step))
        if whole:
            cells.append(_mean_and_spread(np.array(whole.get(locale, ()))))
        fit = fit_ladder(shots, scores)
        cells += (
            ["-", "-"]
            if fit is None
            else [
                f"{100 * fit.start:.1f} ±{100 * fit.start_error:.1f}",
                f"{100 * fit.gain:.2f} ±{100 * fit.gain_error:.2f}",
            ]
        )
        if plain is not None:
            cells.append(_worth(plain.get(locale), scores[shots == steps[-1]]))
        rows.append(tuple(cells))
    numbers = [(f"k{step}", f"k={step}") for step in steps]
    numbers += [("all", "all")] if whole else []
    numbers += [("start", "a"), ("gain", "b")]
    notes = [_SPREAD, _CURVE]
    if plain is not None:
        numbers.append(("worth", f"k={steps[-1]} is worth"))
        notes.append(_WORTH)
    return Table(
        f"ladder-{metric}",
        title,
        columns("locale", "language", numbers=numbers),
        tuple(rows),
        tuple(notes),
    )


def _mean_and_spread(scores: NDArray[np.float64]) -> str:
    if not len(scores):
        return "-"
    mean = f"{100 * scores.mean():.1f}"
    return mean if len(scores) == 1 else f"{mean} ({100 * scores.std(ddof=1):.1f})"


def _worth(fit: LadderFit | None, scores: NDArray[np.float64]) -> str:
    shots = None if fit is None or not len(scores) else fit.worth(float(scores.mean()))
    return "-" if shots is None else f"{shots:,.0f}" if shots < _FAR else "more than a million"
