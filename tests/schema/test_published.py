"""What the kit writes fits the published schema."""

from __future__ import annotations

import pytest

from massive_kit.schema.published import json_schemas
from massive_kit.scoring.api import score


def test_scores_fit_the_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    references = [{"id": "1", "locale": "de-DE", "intent": "a_b", "annot_utt": "um [time : acht]"}]
    predictions = [
        {"id": "1", "locale": "de-DE", "pred_intent": "a_b", "pred_annot_utt": "um acht"}
    ]
    value = score(predictions, references).model_dump(mode="json")
    schema = json_schemas()["scores-1.schema.json"]
    jsonschema.validate(value, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value | {"surprise": 1}, schema)
