"""The kit's scores as a metric of Hugging Face's `evaluate`, offline by path.

The library copies this file and reads its imports line by line, so each of them takes one line.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import datasets
import evaluate

from massive_kit.schema.metrics import MAIN_METRICS
from massive_kit.schema.scores import ScoreSet
from massive_kit.scoring.api import score

_DESCRIPTION = "Intent accuracy, slot F1 and exact match of MASSIVE-style benchmarks."
_INPUTS = """
Args:
    predictions: rows with id, locale, pred_intent, pred_annot_utt
    references: rows with id, locale, intent, annot_utt
    resamples: bootstrap resamples for 95 % intervals; 0 for none
    seed: of the bootstrap
Returns:
    intent_accuracy, slot_f1, exact_match (pooled over utterances), macro_locales, macro_genera and
    locales with the same three, and the signature; a score that is not defined is None
"""


class MassiveScores(evaluate.Metric):
    """`evaluate.load("massive_kit/exports/hf_metric")`, with the path to the installed package."""

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        predicted = ("id", "locale", "pred_intent", "pred_annot_utt")
        gold = ("id", "locale", "intent", "annot_utt")
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features(
                {
                    "predictions": dict.fromkeys(predicted, text),
                    "references": dict.fromkeys(gold, text),
                }
            ),
        )

    def _compute(
        self,
        predictions: Sequence[Mapping[str, Any]],
        references: Sequence[Mapping[str, Any]],
        resamples: int = 0,
        seed: int = 0,
    ) -> dict[str, Any]:
        scores = score(predictions, references, resamples=resamples, seed=seed)
        averages: dict[str, Any] = {
            name: _plain(score_set, resamples) for name, score_set in scores.averages.items()
        }
        locales = {name: _plain(score_set, resamples) for name, score_set in scores.locales.items()}
        pooled = averages.pop("pooled")
        return {**pooled, **averages, "locales": locales, "signature": scores.signature}


def _plain(score_set: ScoreSet, resamples: int) -> dict[str, Any]:
    values = score_set.model_dump()
    plain: dict[str, Any] = {name: values[name] for name in MAIN_METRICS}
    if resamples:
        return plain
    return {name: value and value["value"] for name, value in plain.items()}
