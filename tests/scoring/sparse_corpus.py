"""Three locales, one of them without any slot, and two systems; all scores are easy by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from massive_kit.languages import LanguageTable
from massive_kit.schema.scores import DataRef
from massive_kit.scoring.evaluation import Context, Evaluation, evaluate_labels
from massive_kit.scoring.label_lists import LabelledRow, label_columns
from tests.scoring.corpora import INVENTORY

LOCALES = ("de-DE", "nl-NL", "ja-JP")
# German: of two spans on each side one is right. Dutch: no span on either side. Japanese: one of
# two gold spans is found, and nothing else.
GOLD = {"de-DE": ["date Other", "time"], "nl-NL": ["Other", "Other"], "ja-JP": ["artist", "time"]}
FIRST = {**GOLD, "de-DE": ["date Other", "date"], "ja-JP": ["artist", "Other"]}
# Sees a slot in Dutch where there is none.
SECOND = {**GOLD, "nl-NL": ["date", "Other"]}
CONTEXT = Context(
    task="made-up",
    setting="full",
    data=DataRef(name="made-up", version="", hash="0123", partition="test"),
    languages=LanguageTable.shipped(),
    averaged=LOCALES,
    source_locale="de-DE",
)


def evaluation(
    predictions: Mapping[str, list[str]],
    *,
    gold: Mapping[str, list[str]] = GOLD,
    intents: bool = True,
    intent: str = "alarm_set",
    resamples: int = 200,
) -> Evaluation:
    """An evaluation of slots by locale; all intents are `alarm_set`."""
    sides = [
        label_columns(
            INVENTORY,
            [
                LabelledRow(locale, str(number), name, labels.split())
                for locale, rows in slots.items()
                for number, labels in enumerate(rows)
            ],
        )
        for slots, name in ((gold, "alarm_set"), (predictions, intent))
    ]
    if not intents:
        sides = [replace(side, intents=np.full(len(side), -1, np.int32)) for side in sides]
    return evaluate_labels(CONTEXT, *sides, resamples=resamples)
