"""Prediction files: JSON lines in the original's format."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import orjson

from massive_kit.data.tokens import OTHER, annotate
from massive_kit.systems.interface import Prediction


def prediction_line(prediction: Prediction) -> bytes:
    """One line of a prediction file, with its line feed."""
    one = prediction.utterance
    value: dict[str, Any] = {
        "id": one.id,
        "locale": one.locale,
        "utt": list(one.tokens),
        "pred_intent": prediction.intent,
        "pred_slots": slots(prediction),
        "pred_annot_utt": annotate(list(one.tokens), list(prediction.labels)),
    }
    return orjson.dumps(value) + b"\n"


def slots(prediction: Prediction) -> list[list[str]]:
    """The slots as `[text, name]`, neighbours with one name joined by spaces."""
    pairs = zip(prediction.labels, prediction.utterance.tokens, strict=True)
    return [
        [" ".join(token for _, token in group), label]
        for label, group in groupby(pairs, key=lambda pair: pair[0])
        if label != OTHER
    ]
