"""Two systems side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from massive_kit.breakdown.before_after import before_and_after
from massive_kit.breakdown.tables import text
from massive_kit.errors import MassiveKitError
from massive_kit.languages import LanguageTable
from massive_kit.schema.scores import DataRef
from massive_kit.scoring.evaluation import Context, evaluate_labels
from tests.scoring.corpora import random_pair

LOCALES = ("de-DE", "sw-KE")
CONTEXT = Context(
    task="made-up",
    setting="full",
    data=DataRef(name="made-up", version="", hash="0123", partition="test"),
    languages=LanguageTable.shipped(),
    averaged=LOCALES,
)


def test_scores_of_both_stand_beside_each_other() -> None:
    gold, predicted = (
        replace(columns, locales=LOCALES) for columns in random_pair(2, 50, seed=1, quality=0.5)
    )
    intents = predicted.intents.copy()
    # In the first locale alone all intents are right afterwards.
    intents[gold.locale == 0] = gold.intents[gold.locale == 0]
    before, after = (
        evaluate_labels(CONTEXT, gold, labels, resamples=100).scores
        for labels in (predicted, replace(predicted, intents=intents))
    )
    table = before_and_after(before, after, LanguageTable.shipped(), "Before and after")
    assert [row[:2] for row in table.rows] == [
        ("de-DE", "German"),
        ("sw-KE", "Swahili"),
        ("pooled", ""),
    ]
    shown = {row[0]: [text(cell) for cell in row[2:]] for row in table.rows}
    assert shown["de-DE"][1] == "100.0"
    # Slots are as they were, and so is all of the other locale.
    assert [shown["sw-KE"][at] for at in (0, 2, 4)] == [shown["sw-KE"][at] for at in (1, 3, 5)]
    assert shown["de-DE"][2] == shown["de-DE"][3]
    pooled = after.averages["pooled"].intent_accuracy
    assert pooled is not None
    assert shown["pooled"][1] == f"{100 * pooled.value:.1f}"
    assert table.notes == ("After it, more intents are right in 1 of 2 languages.",)


def test_scores_over_other_locales_are_no_before_and_after() -> None:
    gold, predicted = (
        replace(columns, locales=LOCALES) for columns in random_pair(2, 20, seed=1, quality=0.5)
    )
    both, fewer = (
        evaluate_labels(replace(CONTEXT, averaged=locales), gold, predicted, resamples=0).scores
        for locales in (LOCALES, LOCALES[:1])
    )
    with pytest.raises(MassiveKitError, match="only before sw-KE, only after none"):
        before_and_after(both, fewer, LanguageTable.shipped(), "Before and after")
