"""The metric for Hugging Face's `evaluate`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest

import massive_kit
from massive_kit.data.store import Store
from massive_kit.errors import PredictionError, UsageError
from massive_kit.scoring import api
from tests.known import known
from tests.scoring.corpora import Rows, demo_references, flawed_predictions

FOLDER = Path(massive_kit.__file__).parent / "exports" / "hf_metric"


@pytest.fixture
def references(demo_store: Store) -> Rows:
    return demo_references(demo_store)


@pytest.fixture
def predictions(references: Rows) -> Rows:
    return flawed_predictions(references)


def test_the_wrapper_for_evaluate_gives_the_same_numbers(
    references: Rows, predictions: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate = pytest.importorskip("evaluate")
    monkeypatch.setenv("HF_EVALUATE_OFFLINE", "1")
    monkeypatch.setattr("evaluate.config.HF_MODULES_CACHE", str(tmp_path), raising=False)
    metric = evaluate.load(str(FOLDER), cache_dir=str(tmp_path))
    computed = metric.compute(predictions=predictions, references=references)
    scores = api.score(predictions, references, resamples=0)
    assert computed["slot_f1"] == known(scores.averages["pooled"].slot_f1).value
    assert computed["signature"] == scores.signature
    for locale, score_set in scores.locales.items():
        assert computed["locales"][locale]["exact_match"] == known(score_set.exact_match).value
    with_intervals = metric.compute(
        predictions=predictions, references=references, resamples=200, seed=3
    )
    drawn = api.score(predictions, references, resamples=200, seed=3)
    assert with_intervals["slot_f1"] == asdict(known(drawn.averages["pooled"].slot_f1))


def test_whole_rows_and_ids_as_numbers(
    references: Rows, predictions: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate = pytest.importorskip("evaluate")
    monkeypatch.setenv("HF_EVALUATE_OFFLINE", "1")
    monkeypatch.setattr("evaluate.config.HF_MODULES_CACHE", str(tmp_path), raising=False)
    metric = evaluate.load(str(FOLDER), cache_dir=str(tmp_path))
    more = {"partition": "test", "judgments": [{"intent_score": 1}], "worker_id": None}
    whole = [{**row, **more, "utt": row["annot_utt"]} for row in references]
    numbered = [{**row, "id": int(row["id"])} for row in predictions]
    expected = metric.compute(predictions=predictions, references=references)
    assert metric.compute(predictions=numbered, references=whole) == expected
    frame = pd.DataFrame(whole)
    assert metric.compute(predictions=pd.DataFrame(numbered), references=frame) == expected
    for prediction, reference in zip(numbered, whole, strict=True):
        metric.add(prediction=prediction, reference=reference)
    assert metric.compute() == expected
    lost = [whole[0], {**whole[1], "intent": None}]
    with pytest.raises(PredictionError, match="references:2: no text in intent"):
        metric.compute(predictions=numbered[:2], references=lost)
    # Where no reference has one, the slots alone are scored.
    bare = [{**row, "intent": None} for row in whole]
    slots = metric.compute(predictions=numbered, references=bare)
    assert (slots["intent_accuracy"], slots["slot_f1"]) == (None, expected["slot_f1"])
    with pytest.raises(PredictionError, match="predictions: nothing; expected rows"):
        metric.compute(references=whole)


def test_the_wrapper_keeps_each_import_on_one_line() -> None:
    lines = (FOLDER / "hf_metric.py").read_text(encoding="utf-8").splitlines()
    imports = [line for line in lines if line.startswith(("import ", "from "))]
    assert imports
    assert not [line for line in imports if line.endswith(("(", "\\"))]


def test_the_span_scheme_may_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate = pytest.importorskip("evaluate")
    monkeypatch.setenv("HF_EVALUATE_OFFLINE", "1")
    monkeypatch.setattr("evaluate.config.HF_MODULES_CACHE", str(tmp_path), raising=False)
    metric = evaluate.load(str(FOLDER), cache_dir=str(tmp_path))
    key = {"id": "1", "locale": "en-US"}
    sides = {
        "references": [{**key, "intent": "a", "annot_utt": "[song : a] [song : b]"}],
        "predictions": [{**key, "pred_intent": "a", "pred_annot_utt": "[song : a b]"}],
    }
    assert metric.compute(**sides)["slot_f1"] == 0
    assert metric.compute(**sides, scheme="runs")["slot_f1"] == 1
    with pytest.raises(UsageError, match="scheme is 'bio'"):
        metric.compute(**sides, scheme="bio")
