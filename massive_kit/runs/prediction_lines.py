"""Prediction files: JSON lines in the original's format."""

from __future__ import annotations

from typing import Any

import orjson

from massive_kit.data.notation import OTHER
from massive_kit.data.span_schemes import SpanScheme, runs_of
from massive_kit.data.tokens import annotate
from massive_kit.systems.interface import Prediction


def prediction_line(prediction: Prediction, scheme: SpanScheme) -> bytes:
    """One line of a prediction file, with its line feed; without intents, none is named.

    Args:
        prediction: What a system says.
        scheme: That of the system's inventory.
    """
    utterance = prediction.utterance
    value: dict[str, Any] = {
        "id": utterance.id,
        "locale": utterance.locale,
        "utt": list(utterance.tokens),
        **({} if prediction.intent is None else {"pred_intent": prediction.intent}),
        "pred_slots": slots(prediction, scheme),
        "pred_annot_utt": annotate(utterance.tokens, prediction.labels, scheme),
    }
    return orjson.dumps(value) + b"\n"


def slots(prediction: Prediction, scheme: SpanScheme) -> list[list[str]]:
    """The slots as `[text, name]`, their tokens joined by spaces."""
    tokens = prediction.utterance.tokens
    return [
        [" ".join(tokens[start:end]), label]
        for start, end, label in runs_of(prediction.labels, scheme)
        if label != OTHER
    ]
