"""`massive_kit.scoring` and the wrapper for `evaluate`: the same numbers by three ways."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import massive_kit
from massive_kit.data.store import Store
from massive_kit.errors import PredictionError
from massive_kit.scoring import api

FOLDER = Path(massive_kit.__file__).parent / "exports" / "hf_metric"
Rows = list[dict[str, Any]]


@pytest.fixture
def references(demo_store: Store) -> Rows:
    columns = ["id", "locale", "intent", "annot_utt"]
    rows: Rows = demo_store.read("test", ("en-US", "ja-JP"), columns).to_pylist()
    return rows


@pytest.fixture
def predictions(references: Rows) -> Rows:
    """Right, but for every third intent and for all slots of every fourth row."""
    rows = []
    for i, row in enumerate(references):
        own = {"id": row["id"], "locale": row["locale"], "pred_intent": row["intent"]}
        own["pred_annot_utt"] = row["annot_utt"]
        if i % 3 == 0:
            own["pred_intent"] = "general_quirky"
        if i % 4 == 0:
            own["pred_annot_utt"] = row["annot_utt"].replace("[", "[date_of_")
        rows.append(own)
    return rows


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
    one = api.score(predictions, references)
    assert one == api.score(predictions[::-1], references)
    frames: list[Any] = [pd.DataFrame(predictions), pd.DataFrame(references)]
    assert one == api.score(*frames)
    assert 0 < one.averages["pooled"].intent_accuracy.value < 1
    assert set(one.locales) == {"en-US", "ja-JP"}


def test_averages_may_leave_out_the_source_locale(references: Rows, predictions: Rows) -> None:
    scores = api.score(predictions, references, averaged=["ja-JP"], source_locale="en-US")
    assert scores.averages["pooled"].slot_f1 == scores.locales["ja-JP"].slot_f1
    gap = scores.transfer["ja-JP"].exact_match
    ja, en = (scores.locales[name].exact_match.value for name in ("ja-JP", "en-US"))
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
    assert "stands here twice" in text
    assert "no text in id, pred_intent, pred_annot_utt" in text
    assert "no such id is not among the references" in text


def test_to_frame_holds_every_score(references: Rows, predictions: Rows) -> None:
    scores = api.score(predictions, references)
    rows = scores.to_frame().to_dict("records")
    found = {(row["kind"], row["key"], row["metric"]): row for row in rows}
    row, own = found["locale", "ja-JP", "slot_f1"], scores.locales["ja-JP"].slot_f1
    assert (row["value"], row["low"], row["high"]) == (own.value, own.low, own.high)
    assert found["script", "Jpan", "exact_match"]["n"] == 1


def test_the_wrapper_for_evaluate_gives_the_same_numbers(
    references: Rows, predictions: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate = pytest.importorskip("evaluate")
    monkeypatch.setenv("HF_EVALUATE_OFFLINE", "1")
    monkeypatch.setattr("evaluate.config.HF_MODULES_CACHE", str(tmp_path), raising=False)
    metric = evaluate.load(str(FOLDER), cache_dir=str(tmp_path))
    found = metric.compute(predictions=predictions, references=references)
    scores = api.score(predictions, references, resamples=0)
    assert found["slot_f1"] == scores.averages["pooled"].slot_f1.value
    assert found["signature"] == scores.signature
    for locale, own in scores.locales.items():
        assert found["locales"][locale]["exact_match"] == own.exact_match.value
    with_intervals = metric.compute(
        predictions=predictions, references=references, resamples=200, seed=3
    )
    drawn = api.score(predictions, references, resamples=200, seed=3)
    assert with_intervals["slot_f1"] == drawn.averages["pooled"].slot_f1.model_dump()


def test_the_wrapper_keeps_each_import_on_one_line() -> None:
    lines = (FOLDER / "hf_metric.py").read_text(encoding="utf-8").splitlines()
    imports = [line for line in lines if line.startswith(("import ", "from "))]
    assert imports
    assert not [line for line in imports if line.endswith(("(", "\\"))]


@pytest.mark.parametrize(
    ("predictions", "references", "message"),
    [([], [], "no rows"), (None, [], "a NoneType"), ("x", [], "a str; expected a mapping")],
)
def test_what_is_no_rows_is_told(predictions: Any, references: Any, message: str) -> None:
    with pytest.raises(PredictionError, match=message):
        api.score(predictions, references)
