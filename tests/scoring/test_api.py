"""`massive_kit.score`: rows in, scores out."""

from __future__ import annotations

import doctest
import subprocess
import sys
from typing import Any

import pandas as pd
import pytest

from massive_kit.data.store import Store
from massive_kit.errors import PredictionError
from massive_kit.scoring import api
from tests.known import known
from tests.scoring.corpora import Rows, demo_references, flawed_predictions


@pytest.fixture
def references(demo_store: Store) -> Rows:
    return demo_references(demo_store)


@pytest.fixture
def predictions(references: Rows) -> Rows:
    return flawed_predictions(references)


def test_the_documented_example_holds() -> None:
    failed, tried = doctest.testmod(api)
    assert (failed, tried > 0) == (0, True)


def test_the_function_stays_whatever_was_imported_before() -> None:
    code = (
        "import massive_kit\n{}\n"
        "r = [{{'id': '1', 'locale': 'en-US', 'intent': 'a_b', 'annot_utt': 'x [y : z]'}}]\n"
        "p = [{{'id': '1', 'locale': 'en-US', 'pred_intent': 'a_b', 'pred_annot_utt': 'x z'}}]\n"
        "s = massive_kit.score(p, r, resamples=0)\n"
        "print(s.averages['pooled'].intent_accuracy.value, callable(massive_kit.score))\n"
    )
    for before in ("", "import massive_kit.scoring.api", "from massive_kit.data import spans"):
        done = subprocess.run(
            [sys.executable, "-c", code.format(before)], capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == ["1.0", "True"]


def test_importing_the_package_loads_no_scorer() -> None:
    code = "import sys, massive_kit; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_rows_may_come_in_any_order_and_as_a_frame(references: Rows, predictions: Rows) -> None:
    scores = api.score(predictions, references)
    assert scores == api.score(predictions[::-1], references)
    frames: list[Any] = [pd.DataFrame(predictions), pd.DataFrame(references)]
    assert scores == api.score(*frames)
    assert 0 < known(scores.averages["pooled"].intent_accuracy).value < 1
    assert set(scores.locales) == {"en-US", "ja-JP"}


def test_averages_may_leave_out_the_source_locale(references: Rows, predictions: Rows) -> None:
    scores = api.score(predictions, references, averaged=["ja-JP"], source_locale="en-US")
    assert scores.averages["pooled"].slot_f1 == scores.locales["ja-JP"].slot_f1
    gap = known(scores.transfer["ja-JP"].exact_match)
    ja, en = (known(scores.locales[name].exact_match).value for name in ("ja-JP", "en-US"))
    assert gap.value == pytest.approx(ja - en)
    assert gap.low is not None
    assert gap.high is not None
    assert gap.low <= gap.value <= gap.high


def test_every_mistake_is_told_at_once(references: Rows, predictions: Rows) -> None:
    broken = [*predictions[3:], predictions[4], {"id": 7, "locale": "en-US"}]
    broken[0] = {**broken[0], "pred_annot_utt": "an [unclosed : slot"}
    broken.append({**predictions[5], "id": "no such id"})
    with pytest.raises(PredictionError) as caught:
        api.score(broken, references)
    text = "\n".join(map(str, caught.value.problems))
    assert text.count("is missing") == 4
    assert "a '[' without its ']'" in text
    assert "is given twice" in text
    assert "no text in pred_intent, pred_annot_utt" in text
    assert "no such id is not among the references" in text


def test_to_frame_holds_every_score(references: Rows, predictions: Rows) -> None:
    scores = api.score(predictions, references)
    rows = scores.to_frame().to_dict("records")
    by_scope = {(row["kind"], row["key"], row["metric"]): row for row in rows}
    row, estimate = by_scope["locale", "ja-JP", "slot_f1"], known(scores.locales["ja-JP"].slot_f1)
    assert (row["value"], row["low"], row["high"]) == (estimate.value, estimate.low, estimate.high)
    assert by_scope["script", "Jpan", "exact_match"]["n"] == 1


@pytest.mark.parametrize(
    ("predictions", "references", "message"),
    [
        ([], [], "references: no rows; expected at least one"),
        (None, [], "predictions: nothing; expected rows, or a data frame"),
        (
            "p.jsonl",
            [],
            r"'p.jsonl', a str; expected rows, .* \(massive_kit.evaluate reads files\)",
        ),
        (["x"], [], "predictions:1: a str; expected a mapping"),
        ({"id": [1], "locale": "ja-JP"}, [], "a dict that does not hold columns of one length"),
    ],
)
def test_what_is_no_rows_is_told(predictions: Any, references: Any, message: str) -> None:
    with pytest.raises(PredictionError, match=message):
        api.score(predictions, references)


@pytest.mark.parametrize(
    ("predictions", "found"),
    [(5, "predictions: an int; expected rows, or a data frame"), (["x"], "predictions:1: a str")],
)
def test_of_what_is_no_rows_no_row_is_told_missing(
    predictions: Any, found: str, references: Rows
) -> None:
    with pytest.raises(PredictionError) as caught:
        api.score(predictions, references)
    (problem,) = caught.value.problems
    assert str(problem).startswith(found)


def test_references_may_have_slots_alone(references: Rows, predictions: Rows) -> None:
    bare = [{**row, "intent": None} for row in references]
    usual = api.score(predictions, references)
    for guesses in (predictions, [{**row, "pred_intent": None} for row in predictions]):
        scores = api.score(guesses, bare, resamples=20)
        pooled = scores.averages["pooled"]
        assert pooled.intent_accuracy is None
        assert known(pooled.slot_f1).value == known(usual.averages["pooled"].slot_f1).value
        # Every fourth row of the made-up system has wrong slots, where it has some.
        right = [i % 4 != 0 or "[" not in row["annot_utt"] for i, row in enumerate(bare)]
        assert known(pooled.exact_match).value == pytest.approx(sum(right) / len(right))


def test_references_may_have_intents_alone(references: Rows, predictions: Rows) -> None:
    bare = [{key: row[key] for key in ("id", "locale", "intent")} for row in references]
    usual = api.score(predictions, references)
    names = ("id", "locale", "pred_intent")
    guesses_alone = [{name: row[name] for name in names} for row in predictions]
    for guesses in (predictions, guesses_alone):
        pooled = api.score(guesses, bare, resamples=20).averages["pooled"]
        assert pooled.slot_f1 is None
        accuracy = known(usual.averages["pooled"].intent_accuracy).value
        assert known(pooled.intent_accuracy).value == accuracy
        assert known(pooled.exact_match).value == accuracy


def test_a_reference_that_lacks_what_others_have_is_told(
    references: Rows, predictions: Rows
) -> None:
    lost = [references[0], {**references[1], "intent": None}, *references[2:]]
    with pytest.raises(PredictionError, match="references:2: no text in intent"):
        api.score(predictions, lost)
    with pytest.raises(PredictionError, match="references:1: no text in intent, annot_utt"):
        api.score(predictions, [{**row, "intent": None, "annot_utt": None} for row in references])
    frame: Any = pd.DataFrame(references).assign(intent=float("nan"))
    assert api.score(predictions, frame, resamples=0).averages["pooled"].intent_accuracy is None
