"""The kit's scores as a metric of Hugging Face's `evaluate`, offline by path.

The library copies this file and reads its imports line by line, so each of them takes one line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import datasets
import evaluate

from massive_kit.counted import kind_of
from massive_kit.errors import PredictionError, Problem
from massive_kit.schema.metrics import MAIN_METRICS
from massive_kit.schema.scores import ScoreSet
from massive_kit.schema.span_scheme import SpanScheme
from massive_kit.scoring.api import score
from massive_kit.scoring.records import NoRowsError, records_of, text_of

_DESCRIPTION = "Intent accuracy, slot F1 and exact match of MASSIVE-style benchmarks."
_PREDICTED = ("id", "locale", "pred_intent", "pred_annot_utt")
_GOLD = ("id", "locale", "intent", "annot_utt")
_INPUTS = """
Args:
    predictions: rows with id, locale, pred_intent, pred_annot_utt; other columns are not read
    references: rows with id, locale, intent, annot_utt, such as whole rows of MASSIVE
    resamples: bootstrap resamples for 95 % intervals; 0 for none
    seed: of the bootstrap
    scheme: `runs` where touching spans of one slot are one, `brackets` where each counts by itself;
        by default `runs` for MASSIVE's labels and `brackets` for others
Returns:
    intent_accuracy, slot_f1, exact_match (pooled over utterances), macro_locales, macro_genera and
    locales with the same three, and the signature; a score that is not defined is None
"""


class MassiveScores(evaluate.Metric):
    """`evaluate.load("massive_kit/exports/hf_metric")`, with the path to the installed package."""

    def _info(self) -> evaluate.MetricInfo:
        text = datasets.Value("string")
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation="",
            inputs_description=_INPUTS,
            features=datasets.Features(
                {
                    "predictions": dict.fromkeys(_PREDICTED, text),
                    "references": dict.fromkeys(_GOLD, text),
                }
            ),
        )

    def add(self, *, prediction: Any = None, reference: Any = None, **kwargs: Any) -> None:
        """Adds one row of each."""
        (predicted,) = _columns_of([prediction], _PREDICTED, "predictions")
        (gold,) = _columns_of([reference], _GOLD, "references")
        super().add(prediction=predicted, reference=gold, **kwargs)

    def add_batch(self, *, predictions: Any = None, references: Any = None, **kwargs: Any) -> None:
        """Adds rows, of which the columns are kept that are read."""
        predicted = _columns_of(predictions, _PREDICTED, "predictions")
        gold = _columns_of(references, _GOLD, "references")
        super().add_batch(predictions=predicted, references=gold, **kwargs)

    def _compute(
        self,
        predictions: Sequence[Mapping[str, Any]],
        references: Sequence[Mapping[str, Any]],
        resamples: int = 0,
        seed: int = 0,
        scheme: SpanScheme | None = None,
    ) -> dict[str, Any]:
        sides = [
            [{name: text or None for name, text in row.items()} for row in rows]
            for rows in (predictions, references)
        ]
        scores = score(*sides, resamples=resamples, seed=seed, scheme=scheme)
        averages: dict[str, Any] = {
            name: _plain(score_set, resamples) for name, score_set in scores.averages.items()
        }
        locales = {name: _plain(score_set, resamples) for name, score_set in scores.locales.items()}
        pooled = averages.pop("pooled")
        return {**pooled, **averages, "locales": locales, "signature": scores.signature}


def _columns_of(rows: Any, names: Sequence[str], where: str) -> list[dict[str, str]]:
    """The columns that are read. The library takes texts alone, and says of others only that."""
    kept, problems = [], []
    try:
        for number, row in enumerate(records_of(rows), 1):
            if not isinstance(row, Mapping):
                problems.append(Problem(where, kind_of(row), "a mapping", line=number))
                continue
            texts = {name: text_of(name, row.get(name)) for name in names}
            # The library takes no nothing.
            kept.append({name: text or "" for name, text in texts.items()})
            if texts["id"] is None or texts["locale"] is None:
                missing = ", ".join(name for name, text in texts.items() if text is None)
                problems.append(Problem(where, f"no text in {missing}", line=number))
    except NoRowsError as error:
        problems.append(Problem(where, str(error), "rows, or a data frame"))
    if problems:
        raise PredictionError("these predictions cannot be scored", problems)
    return kept


def _plain(score_set: ScoreSet, resamples: int) -> dict[str, Any]:
    values = asdict(score_set)
    plain: dict[str, Any] = {name: values[name] for name in MAIN_METRICS}
    if resamples:
        return plain
    return {name: value and value["value"] for name, value in plain.items()}
