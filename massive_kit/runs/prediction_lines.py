"""Prediction files: JSON lines in the original's format."""

from __future__ import annotations

from typing import Any

import orjson

from massive_kit.data.tokens import OTHER, annotate, runs_of
from massive_kit.systems.interface import Prediction


def prediction_line(prediction: Prediction) -> bytes:
    """One line of a prediction file, with its line feed."""
    utterance = prediction.utterance
    value: dict[str, Any] = {
        "id": utterance.id,
        "locale": utterance.locale,
        "utt": list(utterance.tokens),
        "pred_intent": prediction.intent,
        "pred_slots": slots(prediction),
        "pred_annot_utt": annotate(list(utterance.tokens), list(prediction.labels)),
    }
    return orjson.dumps(value) + b"\n"


def slots(prediction: Prediction) -> list[list[str]]:
    """The slots as `[text, name]`, neighbours with one name joined by spaces."""
    tokens = prediction.utterance.tokens
    return [
        [" ".join(tokens[start:end]), label]
        for start, end, label in runs_of(prediction.labels)
        if label != OTHER
    ]
