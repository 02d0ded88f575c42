"""How retrieval varies over languages with the scores of a system."""

from __future__ import annotations

import numpy as np

from massive_kit.schema.metrics import MAIN_METRICS
from massive_kit.schema.probe import Probe, ScoreCorrelation
from massive_kit.schema.scores import Scores
from massive_kit.scoring.rank_correlation import spearman

FEWEST = 3


def correlated(probe: Probe, scores: Scores) -> Probe:
    """The probe with its correlation with scores, over the languages that have both.

    Args:
        probe: The probe.
        scores: Of a system, trained on the language that is compared with, say.
    """
    correlations = []
    for metric in MAIN_METRICS:
        scored = {
            locale: estimate.value
            for locale in probe.locales
            if locale != probe.against
            and locale in scores.locales
            and (estimate := getattr(scores.locales[locale], metric)) is not None
        }
        if len(scored) < FEWEST:
            continue
        values = np.array([*scored.values()])
        for position, layer in enumerate(probe.layers):
            layers = [probe.locales[locale].layers[position] for locale in scored]
            raw = np.array([found.raw_cosine.at_1 for found in layers])
            centred = np.array([found.centred_cosine.at_1 for found in layers])
            correlations.append(
                ScoreCorrelation(
                    layer=layer,
                    metric=metric,
                    languages=len(scored),
                    raw_cosine=spearman(raw, values),
                    centred_cosine=spearman(centred, values),
                )
            )
    return probe.model_copy(update={"scores": scores.task, "correlations": correlations})
