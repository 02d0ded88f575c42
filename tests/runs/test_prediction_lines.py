"""A line that is written is read back to the same labels, whatever tokens and names are."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massive_kit.data.inventory import Inventory
from massive_kit.data.notation import name_problem
from massive_kit.data.span_schemes import SPAN_SCHEMES, SpanScheme, scheme_labels
from massive_kit.languages import LanguageTable
from massive_kit.runs.prediction_lines import prediction_line
from massive_kit.submission.index import TaskIndex
from massive_kit.submission.reading import Predictions, read_predictions
from massive_kit.systems.interface import Prediction, Utterance

tokens_of_text = st.text(st.sampled_from("ab[]\\:é明 ".replace(" ", "")), min_size=1, max_size=4)
names = st.sampled_from(["song", "SL:DATE_TIME", "time.start", "date time", "in/out", "a:", ":"])
names |= st.text(st.sampled_from("aB:./ -é"), min_size=1, max_size=5)
names = names.filter(lambda name: name_problem(name) is None)


@st.composite
def predictions(draw: st.DrawFn, inventory: Inventory, locale: str) -> Prediction:
    tokens = draw(st.lists(tokens_of_text, min_size=1, max_size=6))
    if locale == "ja-JP":
        # Its words are characters, but for those of ASCII letters.
        tokens = [c for token in tokens for c in ([token] if token.isascii() else token)]
    slots = draw(
        st.lists(
            st.sampled_from(["Other", *inventory.slots]),
            min_size=len(tokens),
            max_size=len(tokens),
        )
    )
    begins = draw(st.sets(st.integers(0, len(tokens) - 1)))
    labels = scheme_labels(slots, begins, inventory.scheme)
    text = " ".join(tokens)
    return Prediction(Utterance("", locale, text, tokens), draw(intents), labels)


intents = st.sampled_from(["IN:A", "b c"])


def read(lines: list[bytes], tokens: list[int], inventory: Inventory, locale: str) -> Predictions:
    index = TaskIndex(
        task="x",
        setting="full",
        partition="test",
        locales=(locale,),
        locale=np.zeros(len(lines), np.int16),
        ids=np.array([str(i) for i in range(len(lines))], object),
        token_counts=np.array(tokens, np.int32),
        character_locales=frozenset({"ja-JP"}) & {locale},
        inventory=inventory,
        languages=LanguageTable.shipped(),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.jsonl"
        path.write_bytes(b"".join(lines))
        return read_predictions([path], index)


@given(
    st.lists(names, min_size=1, max_size=4, unique=True),
    st.sampled_from(SPAN_SCHEMES),
    st.sampled_from(["en-US", "ja-JP"]),
    st.data(),
)
def test_a_line_is_read_back_as_it_was_predicted(
    slots: list[str], scheme: SpanScheme, locale: str, data: st.DataObject
) -> None:
    inventory = Inventory(("IN:A", "b c"), tuple(slots), {}, scheme)
    said = data.draw(st.lists(predictions(inventory, locale), min_size=1, max_size=4))
    lines = []
    for number, prediction in enumerate(said):
        utterance = prediction.utterance
        numbered = Utterance(str(number), locale, utterance.text, utterance.tokens)
        lines.append(
            prediction_line(Prediction(numbered, prediction.intent, prediction.labels), scheme)
        )
    counts = [len(prediction.labels) for prediction in said]
    result = read(lines, counts, inventory, locale)
    columns = result.columns
    assert [columns.row_labels(row) for row in range(len(said))] == [p.labels for p in said]
    assert [inventory.intents[i] for i in columns.intents] == [p.intent for p in said]
    # `pred_slots` and `utt` say the same.
    assert result.report.problems == ()


@pytest.mark.parametrize(
    ("scheme", "annotated", "slots"),
    [
        ("brackets", r"play [song : a] [song : \[b c] \]", [["a", "song"], ["[b c", "song"]]),
        ("runs", r"play [song : a \[b c] \]", [["a [b c", "song"]]),
    ],
)
def test_touching_spans_and_brackets_of_the_text(
    scheme: SpanScheme, annotated: str, slots: list[list[str]]
) -> None:
    tokens = ["play", "a", "[b", "c", "]"]
    labels = scheme_labels(["Other", "song", "song", "song", "Other"], {2}, scheme)
    prediction = Prediction(Utterance("0", "en-US", " ".join(tokens), tokens), "IN:A", labels)
    line = json.loads(prediction_line(prediction, scheme))
    assert line["utt"] == tokens
    assert line["pred_annot_utt"] == annotated
    assert line["pred_slots"] == slots
