"""How much a choice of source languages costs, each target left out in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from massive_kit.analysis.forecast.source_choice import (
    PairFacts,
    average_gains,
    nearest_first,
    predicted_gains,
)
from massive_kit.analysis.forecast.transfer_matrix import TransferMatrix

TOPS = (1, 3)


@dataclass(frozen=True, slots=True)
class Regret:
    """What a rule loses against the best source, on average over targets.

    Attributes:
        rule: Its name.
        by_top: Number of sources tried -> points lost by the best of them, in 0..1; `None` where
            the rule names fewer.
    """

    rule: str
    by_top: Mapping[int, float | None]


def regrets(matrix: TransferMatrix, facts: PairFacts, english: str = "en-US") -> list[Regret]:
    """Of the prediction and of simple rules.

    Args:
        matrix: Scores.
        facts: Of all its languages.
        english: A source that people take whatever the target is.
    """
    rules: dict[str, Callable[[str], Mapping[str, float]]] = {
        "predicted": lambda target: predicted_gains(matrix, target, facts),
        "best on average": lambda target: average_gains(matrix, target),
        "nearest (genetic, syntactic)": lambda target: nearest_first(matrix, target, facts),
    }
    if english in matrix.sources:
        rules[f"always {english}"] = lambda _: {english: 1.0}
    results = []
    for name, rule in rules.items():
        ranked = {
            target: [source for source in ranking(rule(target)) if source != target]
            for target in matrix.targets
        }
        by_top: dict[int, float | None] = {}
        for top in TOPS:
            enough = [target for target, sources in ranked.items() if len(sources) >= top]
            every = [_lost(matrix, target, ranked[target][:top]) for target in enough]
            lost = [regret for regret in every if regret is not None]
            by_top[top] = sum(lost) / len(lost) if lost else None
        results.append(Regret(name, by_top))
    return results


def ranking(gains: Mapping[str, float]) -> list[str]:
    """Sources, the best first."""
    return sorted(gains, key=lambda source: -gains[source])


def _lost(matrix: TransferMatrix, target: str, tried: list[str]) -> float | None:
    column = matrix.values[:, matrix.targets.index(target)]
    scores = {
        source: float(value)
        for source, value in zip(matrix.sources, column, strict=True)
        if source != target and np.isfinite(value)
    }
    got = [scores[source] for source in tried if source in scores]
    return max(scores.values()) - max(got) if got else None
