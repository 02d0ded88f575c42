"""Labels for tests: random ones, from systems of a known quality, and from the demo corpus."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from massive_kit.data.inventory import Inventory
from massive_kit.data.label_columns import LabelColumns
from massive_kit.data.store import Store
from massive_kit.scoring.label_lists import LabelledRow, label_columns

INVENTORY = Inventory.of(
    [("alarm_set", "alarm"), ("alarm_remove", "alarm"), ("play_music", "play"), ("odd", None)],
    ["date", "time", "artist"],
)
_LABELS = ("Other", "Other", "date", "time", "artist")


# As people pass them to `massive_kit.score`.
Rows = list[dict[str, Any]]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[LabelColumns, LabelColumns]:
    """Gold and predictions over the same tokens, in one to three locales; some rows are empty."""
    locales = draw(st.integers(1, 3))
    rows = draw(st.integers(1, 8))
    gold, predicted = [], []
    for locale in range(locales):
        for row in range(rows):
            length = draw(st.integers(0, 9))
            sequences = st.lists(st.sampled_from(_LABELS), min_size=length, max_size=length)
            intents = st.sampled_from(INVENTORY.intents)
            key = (f"l{locale}", str(row))
            true = draw(sequences)
            guess = draw(st.one_of(st.just(true), sequences))
            gold.append(LabelledRow(*key, draw(intents), true))
            predicted.append(LabelledRow(*key, draw(intents), guess))
    return label_columns(INVENTORY, gold), label_columns(INVENTORY, predicted)


def random_pair(
    locales: int, rows: int, *, seed: int, quality: float = 0.7
) -> tuple[LabelColumns, LabelColumns]:
    """Gold and predictions of a middling system on a parallel corpus."""
    generator = np.random.default_rng(seed)
    lengths = generator.integers(1, 12, rows * locales)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    labels = generator.choice(len(INVENTORY.labels), int(offsets[-1]), p=[0.7, 0.1, 0.1, 0.1])
    guesses = np.where(
        generator.random(len(labels)) < quality,
        labels,
        generator.choice(len(INVENTORY.labels), len(labels)),
    )
    intents = generator.integers(0, len(INVENTORY.intents), rows * locales)
    wrong = generator.random(len(intents)) > quality
    guessed_intents = np.where(
        wrong, generator.integers(0, len(INVENTORY.intents), len(intents)), intents
    )

    def columns(of_intents: np.ndarray, of_labels: np.ndarray) -> LabelColumns:
        return LabelColumns(
            inventory=INVENTORY,
            locales=tuple(f"l{i}" for i in range(locales)),
            locale=np.repeat(np.arange(locales, dtype=np.int16), rows),
            ids=np.tile(np.array([str(i) for i in range(rows)], object), locales),
            intents=of_intents.astype(np.int32),
            labels=of_labels.astype(np.int16),
            offsets=offsets.astype(np.int64),
        )

    return columns(intents, labels), columns(guessed_intents, guesses)


def demo_references(store: Store) -> Rows:
    """Annotated rows of the demo corpus in two locales, one of them scored by character."""
    columns = ["id", "locale", "intent", "annot_utt"]
    rows: Rows = store.read("test", ("en-US", "ja-JP"), columns).to_pylist()
    return rows


def flawed_predictions(references: Rows) -> Rows:
    """Right, but for every third intent and for all slots of every fourth row."""
    rows = []
    for i, row in enumerate(references):
        prediction = {"id": row["id"], "locale": row["locale"], "pred_intent": row["intent"]}
        prediction["pred_annot_utt"] = row["annot_utt"]
        if i % 3 == 0:
            prediction["pred_intent"] = "general_quirky"
        if i % 4 == 0:
            prediction["pred_annot_utt"] = row["annot_utt"].replace("[", "[date_of_")
        rows.append(prediction)
    return rows
