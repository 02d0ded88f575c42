"""Touching spans of one slot under `runs` and `brackets`, against seqeval on proper IOB2."""

from __future__ import annotations

import warnings
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import massive_kit
from massive_kit.data.inventory import Inventory
from massive_kit.data.ragged import flat
from massive_kit.data.span_schemes import runs_of
from massive_kit.data.spans import find_spans, well_formed
from massive_kit.languages import LanguageTable
from massive_kit.schema.scores import DataRef, Estimate
from massive_kit.scoring.cross_check import cross_check
from massive_kit.scoring.evaluation import Context, Evaluation, evaluate_labels
from massive_kit.scoring.label_lists import LabelledRow, label_columns
from tests.scoring.corpora import Rows

seqeval = pytest.importorskip("seqeval.metrics")
schemes = pytest.importorskip("seqeval.scheme")

SLOTS = ("song", "SL:DATE_TIME", "time.start")
INVENTORY = Inventory((), SLOTS, {}, "brackets")


def _value(estimate: Estimate | None) -> float:
    assert estimate is not None
    return estimate.value


def _row(annotated: str, predicted: str) -> tuple[Rows, Rows]:
    key = {"id": "1", "locale": "en-US"}
    gold = [{**key, "intent": "play", "annot_utt": annotated}]
    return [{**key, "pred_intent": "play", "pred_annot_utt": predicted}], gold


def test_touching_spans_count_one_by_one_under_brackets() -> None:
    # Gold has two songs, the prediction one of both: nothing is right under `brackets`; under
    # `runs` the two are one, and so right.
    rows = _row("play [song : a] [song : b]", "play [song : a b]")
    apart = massive_kit.score(*rows, resamples=0)
    assert "scheme:brackets" in apart.signature
    assert _value(apart.locales["en-US"].slot_f1) == 0.0
    assert _value(apart.locales["en-US"].exact_match) == 0.0
    assert (apart.locales["en-US"].gold_spans, apart.locales["en-US"].predicted_spans) == (2, 1)
    merged = massive_kit.score(*rows, resamples=0, scheme="runs")
    assert "scheme:runs" in merged.signature
    assert _value(merged.locales["en-US"].slot_f1) == 1.0
    assert _value(merged.locales["en-US"].exact_match) == 1.0


def test_one_of_three_spans_right() -> None:
    rows = _row("[song : a] [song : b] c", "[song : a] b [song : c]")
    scored = massive_kit.score(*rows, resamples=0, scheme="brackets").locales["en-US"]
    # One right span of two predicted and two true ones.
    assert _value(scored.slot_f1) == pytest.approx(2 * 1 / (2 + 2))


def test_the_labels_of_massive_are_scored_in_runs() -> None:
    key = {"id": "1", "locale": "en-US"}
    gold = [{**key, "intent": "alarm_set", "annot_utt": "at [time : five] [time : six]"}]
    predicted = [{**key, "pred_intent": "alarm_set", "pred_annot_utt": "at [time : five six]"}]
    scores = massive_kit.score(predicted, gold, resamples=0)
    assert "scheme:runs" in scores.signature
    assert _value(scores.locales["en-US"].slot_f1) == 1.0


def test_the_answer_does_not_shape_the_tokens() -> None:
    # A full stop written on: one token, with or without the slot, in gold and prediction.
    rows = _row("call on [song : monday].", "call on [song : monday.]")
    scored = massive_kit.score(*rows, resamples=0).locales["en-US"]
    assert (scored.tokens, _value(scored.slot_f1), _value(scored.exact_match)) == (3, 1.0, 1.0)


_spans = st.lists(
    st.tuples(st.integers(1, 3), st.sampled_from([None, None, *SLOTS])), min_size=1, max_size=5
)


def _lengths(spans: list[tuple[int, str | None]]) -> int:
    return sum(length for length, _ in spans)


def _annotated(spans: list[tuple[int, str | None]], tokens: int) -> tuple[str, list[str]]:
    """An annotated utterance of so many tokens, and its proper IOB2."""
    text: list[str] = []
    tags: list[str] = []
    for longest, slot in spans:
        length = min(longest, tokens - len(tags))
        if not length:
            break
        words = " ".join(f"w{len(tags) + i}" for i in range(length))
        text.append(words if slot is None else f"[{slot} : {words}]")
        tags += ["O"] * length if slot is None else [f"B-{slot}"] + [f"I-{slot}"] * (length - 1)
    rest = range(len(tags), tokens)
    text += [f"w{i}" for i in rest]
    return " ".join(text), tags + ["O"] * len(rest)


@settings(deadline=None)
@given(st.lists(st.tuples(_spans, _spans), min_size=1, max_size=5))
def test_score_is_seqevals_on_strict_iob2(
    pairs: list[tuple[list[tuple[int, str | None]], list[tuple[int, str | None]]]],
) -> None:
    references, predictions, true, guessed = [], [], [], []
    for number, (gold, guess) in enumerate(pairs):
        tokens = _lengths(gold)
        key = {"id": str(number), "locale": "en-US"}
        annotated, tags = _annotated(gold, tokens)
        references.append({**key, "intent": "a", "annot_utt": annotated})
        true.append(tags)
        annotated, tags = _annotated(guess, tokens)
        predictions.append({**key, "pred_intent": "a", "pred_annot_utt": annotated})
        guessed.append(tags)
    scores = massive_kit.score(predictions, references, resamples=0, scheme="brackets")
    with warnings.catch_warnings():
        # seqeval warns where there is nothing to count.
        warnings.simplefilter("ignore")
        expected = seqeval.f1_score(true, guessed, mode="strict", scheme=schemes.IOB2)
    value = scores.locales["en-US"].slot_f1
    if any(tag != "O" for tags in [*true, *guessed] for tag in tags):
        assert _value(value) == pytest.approx(expected, abs=1e-12)
    exact = np.mean([a == b for a, b in zip(true, guessed, strict=True)])
    assert _value(scores.locales["en-US"].exact_match) == pytest.approx(exact)


@given(st.lists(st.lists(st.integers(0, 2 * len(SLOTS)), max_size=8), max_size=5))
def test_arrays_and_lists_have_the_same_spans(rows: list[list[int]]) -> None:
    values, offsets = flat(rows)
    spans = find_spans(values, offsets, INVENTORY)
    listed = [
        (start + run.start, start + run.end, run.label)
        for row, (start, _) in zip(rows, pairwise(offsets.tolist()), strict=True)
        for run in runs_of([INVENTORY.labels[i] for i in row], "brackets")
        if run.label != "Other"
    ]
    names = ["Other", *SLOTS]
    columns = (spans.start.tolist(), spans.end.tolist(), [names[i] for i in spans.label])
    assert list(zip(*columns, strict=True)) == listed


@given(st.lists(st.lists(st.integers(0, 2 * len(SLOTS)), max_size=8), max_size=5))
def test_well_formed_labels_have_the_same_spans(rows: list[list[int]]) -> None:
    values, offsets = flat(rows)
    labels = well_formed(values.astype(np.int16), offsets, INVENTORY)
    before, after = (find_spans(array, offsets, INVENTORY) for array in (values, labels))
    assert before.start.tolist() == after.start.tolist()
    assert before.end.tolist() == after.end.tolist()
    assert before.label.tolist() == after.label.tolist()
    begins = set(labels[after.start].tolist())
    assert all(INVENTORY.labels[label].startswith("B-") for label in begins)
    assert well_formed(labels, offsets, INVENTORY).tolist() == labels.tolist()
    names = [[INVENTORY.labels[i] for i in row] for row in _cut(labels, offsets)]
    assert [runs_of(row, "brackets") for row in names] == [
        runs_of([INVENTORY.labels[i] for i in row], "brackets") for row in rows
    ]


def _cut(values: NDArray[np.int16], offsets: NDArray[np.int64]) -> list[list[int]]:
    return [values[start:end].tolist() for start, end in pairwise(offsets.tolist())]


def test_the_cross_check_never_confirms_merged_numbers() -> None:
    # Names that seqeval would take for one another.
    slots = ("-song", "song", "song-")
    apart = Inventory(("a",), slots, {}, "brackets")
    labelled = [
        LabelledRow("en-US", "1", "a", ["song", "song", "-song"], [1]),
        LabelledRow("en-US", "2", "a", ["song-", "song-", "Other"], [1]),
        LabelledRow("en-US", "3", "a", ["song", "Other", "Other"]),
    ]
    predicted = [
        LabelledRow("en-US", "1", "a", ["song", "song", "song-"], [1]),
        LabelledRow("en-US", "2", "a", ["song-", "song-", "Other"]),
        LabelledRow("en-US", "3", "a", ["song", "Other", "Other"]),
    ]
    context = Context("x", "full", DATA, LanguageTable.shipped(), ("en-US",), None)

    def evaluated(inventory: Inventory) -> Evaluation:
        gold, guess = (label_columns(inventory, rows) for rows in (labelled, predicted))
        return evaluate_labels(context, gold, guess, resamples=0)

    one_by_one, merged = evaluated(apart), evaluated(replace(apart, scheme="runs"))
    assert _value(one_by_one.scores.averages["pooled"].slot_f1) == pytest.approx(6 / 11)
    assert _value(merged.scores.averages["pooled"].slot_f1) == pytest.approx(6 / 8)
    for result in (one_by_one, merged):
        assert all(number.agrees for number in cross_check(result.aligned, result.scores))
    wrong = [n.metric for n in cross_check(one_by_one.aligned, merged.scores) if not n.agrees]
    assert {*wrong} == {"slot_f1", "exact_match"}


DATA = DataRef(name="x", version="", hash="0", partition="test")
